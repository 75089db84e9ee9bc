using System.Security.Cryptography;
using Philotes.Iceberg.Parquet;
using Philotes.Iceberg.Partitioning;
using Philotes.Shared;

namespace Philotes.BatchWriter.Files;

/// <summary>A finished data file on local disk, sealed: what is uploaded must be what was encoded.</summary>
/// <param name="Seal">SHA-256 of the file as it was finished.</param>
internal sealed record EncodedFile(ParquetFile File, PartitionValues Partition, string Seal)
{
    public static EncodedFile Of(ParquetFile file, PartitionValues partition) => new(file, partition, SealOf(file.Path));

    /// <exception cref="PhilotesException">PH311: the file is not the one that was finished.</exception>
    public void Require()
    {
        if (SealOf(File.Path) != Seal)
            throw new PhilotesException("PH311", $"The file {File.Path} changed on disk after it was encoded. Nothing of it was committed and it is encoded again; check this machine's disk and memory.");
    }

    private static string SealOf(string path)
    {
        using var file = System.IO.File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
