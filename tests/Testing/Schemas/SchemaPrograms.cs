using System.Globalization;
using Npgsql;

namespace Philotes.Testing.Schemas;

/// <summary>Many programs at once, each on a table of its own.</summary>
public static class SchemaPrograms
{
    /// <summary>All pairs of steps, each in one transaction and each step on its own, and then random histories.</summary>
    public static IReadOnlyList<SchemaProgram> Make(int count)
    {
        var pairs = from first in SchemaProgram.Steps from second in SchemaProgram.Steps from together in new[] { false, true } select (first, second, together);
        return
        [
            .. pairs.Take(count).Select((pair, i) => SchemaProgram.OfPair(Name(i), i, pair.first, pair.second, pair.together)),
            .. Enumerable.Range(0, count).Skip(SchemaProgram.Steps.Count * SchemaProgram.Steps.Count * 2).Select(i => SchemaProgram.Random(Name(i), i)),
        ];
    }

    /// <summary>Some of all pairs, evenly spread, and as many random histories.</summary>
    public static IReadOnlyList<SchemaProgram> MakeSpread(int count)
    {
        var all = SchemaProgram.Steps.Count * SchemaProgram.Steps.Count * 2;
        var programs = Make(all + (count * 2)).Where(program => program.IsDecidable).ToList();
        all = programs.Count(program => int.Parse(program.Table[1..], CultureInfo.InvariantCulture) < all);
        return [.. Enumerable.Range(0, count / 2).Select(i => programs[(int)((long)i * all / (count / 2))]), .. programs.Skip(all).Take(count - (count / 2))];
    }

    public static async Task CreateAsync(NpgsqlDataSource source, IReadOnlyList<SchemaProgram> programs, CancellationToken cancellationToken)
    {
        foreach (var some in programs.Chunk(100))
        {
            await ExecuteAsync(source, string.Join("; ", some.Select(program => program.Create)), cancellationToken);
        }
    }

    /// <summary>
    /// Runs the programs on a few connections, one command of each in a round, in random order. <paramref name="afterRound"/> waits until capture has read the
    /// round: what a catalog that is read late has forgotten cannot be told apart, and is not what these programs are about.
    /// </summary>
    public static async Task RunAsync(NpgsqlDataSource source, IReadOnlyList<SchemaProgram> programs, int connections, Func<Task> afterRound, CancellationToken cancellationToken)
    {
        var random = new Random(1);
        for (var round = 0; programs.Any(program => program.Commands.Count > round); round++)
        {
            var commands = programs.Where(program => program.Commands.Count > round).Select(program => program.Commands[round]).ToArray();
            random.Shuffle(commands);
            await Task.WhenAll(Enumerable.Range(0, connections).Select(n => ExecuteAsync(source, commands.Where((_, i) => i % connections == n), cancellationToken)));
            await afterRound();
        }
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, IEnumerable<string> commands, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        foreach (var sql in commands)
        {
            try
            {
                await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
                await command.ExecuteNonQueryAsync(cancellationToken);
            }
            catch (PostgresException e)
            {
                throw new InvalidOperationException($"{e.MessageText} in: {sql}", e);
            }
        }
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"p{number}");
}
