namespace Philotes.Iceberg.Storage;

/// <summary>Why a store refused.</summary>
public enum ObjectStoreFailure
{
    /// <summary>The name is one that the store cannot hold.</summary>
    InvalidName,
    NotFound,
    AlreadyExists,
    NotPermitted,
    Full,
    Other,
}
