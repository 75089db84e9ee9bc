using System.Reflection;
using Npgsql;
using NpgsqlTypes;

namespace Philotes.Buffer.Tests;

internal sealed class StatementTests
{
    private static readonly FieldInfo[] Statements = [.. typeof(SchemaMigrator).Assembly.GetTypes()
        .Where(type => type.Name.EndsWith("Sql", StringComparison.Ordinal))
        .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static))
        .Where(field => field.IsLiteral && field.FieldType == typeof(string))];

    [Test]
    public async Task Every_statement_prepares_on_the_migrated_schema()
    {
        await using var buffer = await BufferFixture.CreateAsync();
        await using var connection = await buffer.Db.OpenConnectionAsync();
        using (Assert.EnterMultipleScope())
        {
            foreach (var statement in Statements)
            {
                var name = $"{statement.DeclaringType!.Name}.{statement.Name}";
                Assert.That(await ErrorAsync(connection, (string)statement.GetRawConstantValue()!), Is.Null, name);
            }

            Assert.That(Statements, Has.Length.GreaterThan(30));
        }
    }

    private static async Task<string?> ErrorAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var name in System.Text.RegularExpressions.Regex.Matches(sql, @"(?<![\w@])@(\w+)").Select(match => match.Groups[1].Value).Distinct())
        {
            command.Parameters.Add(new NpgsqlParameter(name, NpgsqlDbType.Unknown) { Value = DBNull.Value });
        }

        try
        {
            await command.PrepareAsync();
            return null;
        }
        catch (PostgresException e)
        {
            return e.MessageText;
        }
    }
}
