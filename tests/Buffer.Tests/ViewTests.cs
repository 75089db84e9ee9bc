using System.Text.Json;
using Npgsql;
using Philotes.Shared;

namespace Philotes.Buffer.Tests;

internal sealed class ViewTests
{
    [Test]
    public async Task Every_view_and_each_of_its_columns_stands_in_docs_buffer_views_and_no_other()
    {
        await using var buffer = await BufferFixture.CreateAsync();
        var made = (await buffer.ScalarAsync<string>("""
            select string_agg(c.relname || '.' || a.attname, ' ' order by c.relname, a.attnum)
            from pg_class as c join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0
            where c.relkind = 'v' and c.relnamespace = 'philotes'::regnamespace
            """)).Split(' ');
        var documented = new List<string>();
        var view = "";
        foreach (var line in await File.ReadAllLinesAsync(Philotes.Testing.Peers.Repository("docs", "buffer-views.md")))
        {
            view = line.StartsWith("## ", StringComparison.Ordinal) ? line[3..] : view;
            if (line.StartsWith("| `", StringComparison.Ordinal))
                documented.Add($"{view}.{line.Split('`')[1]}");
        }

        Assert.That(documented, Is.EquivalentTo(made));
        Assert.That(made.Select(column => column.Split('.')[0]).Distinct().Count(), Is.GreaterThan(5));
    }

    [Test]
    public async Task An_event_is_readable_whatever_its_names_and_values_are()
    {
        await using var buffer = await BufferFixture.CreateAsync();
        string[] columns = ["we\"ird; drop table x --", "Ünïcode.näme\n", "plain", "{}", "last"];
        string?[] values = ["'; drop schema philotes cascade; --", "{\"a\": \"\\u0000\"}\t\r\n", null, "", new string('é', 20_000)];
        var (table, schema) = await buffer.TableAsync(16400, "or\"ders.;'", columns);
        await buffer.Appender.BeginAsync(buffer.Source.SourceId, "a");
        using var chunk = buffer.Appender.OpenChunk(table, schema);
        chunk.Append(ChangeKind.Update, new Lsn(9), 4, 1, BufferFixture.Timestamp, BufferFixture.Tuple("old", null, null, null, null), true,
            BufferFixture.Tuple(values), true);
        await buffer.Appender.FlushAsync([chunk], new Lsn(9));

        var now = JsonDocument.Parse(await buffer.ScalarAsync<string>("select new::text from philotes.v_event")).RootElement;
        var before = JsonDocument.Parse(await buffer.ScalarAsync<string>("select old::text from philotes.v_event")).RootElement;

        using (Assert.EnterMultipleScope())
        {
            for (var i = 0; i < 4; i++)
            {
                Assert.That(now.GetProperty(columns[i]).GetString(), Is.EqualTo(values[i]), columns[i]);
            }

            Assert.That(now.GetProperty("last").GetString(), Has.Length.EqualTo(8192), "cut for the eye");
            Assert.That(before.GetProperty(columns[0]).GetString(), Is.EqualTo("old"));
            Assert.That(await buffer.ScalarAsync<string>("select table_name from philotes.v_event"), Is.EqualTo("or\"ders.;'"));
        }
    }

    [Test]
    public async Task An_unchanged_toast_value_is_shown_as_such()
    {
        await using var buffer = await BufferFixture.CreateAsync();

        Assert.That(await buffer.ScalarAsync<string>(@"select philotes.decode_tuple('\x00017500'::bytea, array['a'])::text"),
            Is.EqualTo("""{"a": {"$unchanged_toast": true}}"""));
    }

    [Test]
    public async Task An_event_shows_its_batch_and_status()
    {
        await using var buffer = await BufferFixture.CreateAsync();
        var (table, schema) = await buffer.TableAsync();
        await buffer.Appender.BeginAsync(buffer.Source.SourceId, "a");
        await buffer.FlushAsync(table, schema, 10, rows: 1);
        var seen = new List<string> { await StatusAsync(buffer) };
        var batch = (await buffer.Ledger.ClaimAsync("w", BufferFixture.Limits))!;
        seen.Add(await StatusAsync(buffer));
        await buffer.Ledger.StageAsync(batch, "{}", 1, Guid.NewGuid());
        seen.Add(await StatusAsync(buffer));
        await buffer.Ledger.FinishAsync(batch, 1);
        seen.Add(await StatusAsync(buffer));

        Assert.That(seen, Is.EqualTo(new[] { "pending ", $"claimed {batch.BatchId}", $"committing {batch.BatchId}", $"committed {batch.BatchId}" }));
    }

    [Test]
    public async Task Status_tells_how_far_each_table_is()
    {
        await using var buffer = await BufferFixture.CreateAsync();
        var (table, schema) = await buffer.TableAsync();
        await buffer.Appender.BeginAsync(buffer.Source.SourceId, "a");
        await buffer.FlushAsync(table, schema, 10);
        await buffer.CommitAsync((await buffer.Ledger.ClaimAsync("w", BufferFixture.Limits))!, 77);
        await buffer.FlushAsync(table, schema, 30);

        var report = await new BufferStatus(buffer.Db).ReadAsync();

        var status = report.Tables.Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(report.Sources.Single().Durable, Is.EqualTo(new Lsn(30)));
            Assert.That((status.RowsIn, status.RowsOut, status.RowsPending, status.ChunksPending), Is.EqualTo((6, 3, 3, 1)));
            Assert.That((status.BytesBehind, status.SnapshotId, status.State, status.BatchState), Is.EqualTo((20L, 77L, "active", (string?)null)));
            Assert.That(status.OldestPendingAt, Is.Not.Null);
        }
    }

    private static Task<string> StatusAsync(BufferFixture buffer) =>
        buffer.ScalarAsync<string>("select status || ' ' || coalesce(batch_id::text, '') from philotes.v_event");
}
