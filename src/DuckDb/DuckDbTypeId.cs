namespace Philotes.DuckDb;

/// <summary>DuckDB's column types with the numbers of duckdb.h.</summary>
public enum DuckDbTypeId
{
    Boolean = 1,
    SmallInt = 3,
    Integer = 4,
    BigInt = 5,
    Float = 10,
    Double = 11,
    Timestamp = 12,
    Date = 13,
    Time = 14,
    HugeInt = 16,
    Text = 17,
    Blob = 18,
    Decimal = 19,
    List = 24,
    Struct = 25,
    Map = 26,
    Uuid = 27,
    TimestampTz = 31,
}
