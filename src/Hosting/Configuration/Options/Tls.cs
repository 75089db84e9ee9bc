namespace Philotes.Hosting;

/// <summary>Encryption of a Postgres connection, with libpq's meaning. The names are Npgsql's.</summary>
public enum Tls
{
    Disable,
    Require,
    VerifyCA,
    VerifyFull,
}
