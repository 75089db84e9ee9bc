using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using NpgsqlTypes;

namespace Philotes.Exactness.Tests.Matrix;

/// <summary>
/// The source of the matrix: one table with a column per type, REPLICA IDENTITY FULL so that a delete shows every value. Row n holds the n-th value of each
/// type; behind the last one it holds NULL. Each value goes four ways: copied or inserted, set by an update, and shown by the delete of its row.
/// </summary>
internal sealed partial class MatrixSource(string connectionString, IReadOnlyList<TypeColumn> columns)
{
    public const string Table = "every_type";
    public const int UpdatedFrom = 1000;

    private const string Pinned = "-c datestyle=ISO -c timezone=UTC -c intervalstyle=iso_8601 -c extra_float_digits=3 -c bytea_output=hex -c lc_monetary=C -c search_path=";

    public int RowCount { get; } = columns.Max(column => column.Values.Count) + 1;

    public async Task CreateAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(connectionString, cancellationToken);
        foreach (var file in TypeMatrix.SetUpFiles)
            await ExecuteAsync(connection, await File.ReadAllTextAsync(file, cancellationToken), cancellationToken);
        await connection.ReloadTypesAsync(cancellationToken);
        await ExecuteAsync(connection, $"create table {Table} (id int primary key, {string.Join(", ", columns.Select(column => $"{column.Name} {column.Postgres}"))})", cancellationToken);
        await ExecuteAsync(connection, $"alter table {Table} replica identity full", cancellationToken);
    }

    public async Task InsertAsync(int from, int to, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(connectionString, cancellationToken);
        for (var row = from; row < to; row++)
        {
            var present = columns.Where(column => row < column.Values.Count).ToList();
            await using var command = new NpgsqlCommand(string.Create(CultureInfo.InvariantCulture,
                $"insert into {Table} (id{string.Concat(present.Select(column => ", " + column.Name))}) values ({row}{string.Concat(present.Select((_, i) => $", ${i + 1}"))})"), connection);
            foreach (var column in present)
                command.Parameters.Add(new NpgsqlParameter { Value = column.Values[row].Input, NpgsqlDbType = NpgsqlDbType.Unknown });
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    public async Task UpdateAndDeleteAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(connectionString, cancellationToken);
        var assignments = string.Join(", ", columns.Select(column => $"{column.Name} = other.{column.Name}"));
        await ExecuteAsync(connection, $"insert into {Table} (id) select id + {UpdatedFrom} from {Table}", cancellationToken);
        await ExecuteAsync(connection, $"update {Table} as own set {assignments} from {Table} as other where own.id = other.id + {UpdatedFrom}", cancellationToken);
        await ExecuteAsync(connection, $"delete from {Table} where id < {UpdatedFrom}", cancellationToken);
    }

    /// <summary>The server's own text of row n, column by column, under the settings that capture pins; null for NULL.</summary>
    public async Task<IReadOnlyList<string?[]>> TextsAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(new NpgsqlConnectionStringBuilder(connectionString) { Options = Pinned, Pooling = false }.ConnectionString, cancellationToken);
        using var copy = await connection.BeginTextExportAsync(
            $"copy (select {string.Join(", ", columns.Select(column => column.Name))} from public.{Table} where id < {UpdatedFrom} order by id) to stdout", cancellationToken);
        var rows = new List<string?[]>();
        while (await copy.ReadLineAsync(cancellationToken) is { } line)
            rows.Add([.. line.Split('\t').Select(Unescaped)]);
        return rows;
    }

    /// <summary>A value of COPY's text format (Postgres manual, COPY, File Formats).</summary>
    private static string? Unescaped(string value) => value == @"\N" ? null : Escape().Replace(value, static match => match.Value[1] switch
    {
        'b' => "\b",
        'f' => "\f",
        'n' => "\n",
        'r' => "\r",
        't' => "\t",
        'v' => "\v",
        var other => other.ToString(),
    });

    [GeneratedRegex(@"\\.")]
    private static partial Regex Escape();

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
