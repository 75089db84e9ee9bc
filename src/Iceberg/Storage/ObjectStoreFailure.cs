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

    /// <summary>The bucket is not there, or not at this endpoint or in this region.</summary>
    NoBucket,

    /// <summary>The store got other bytes than were sent.</summary>
    Corrupt,

    /// <summary>Network, throttling, or a failure of the store itself; what was asked for may have happened.</summary>
    Unreachable,
    Other,
}
