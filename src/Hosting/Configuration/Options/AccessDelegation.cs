namespace Philotes.Hosting;

/// <summary>Who gives access to a table's files.</summary>
public enum AccessDelegation
{
    Auto,
    VendedCredentials,
    RemoteSigning,
    None,
}
