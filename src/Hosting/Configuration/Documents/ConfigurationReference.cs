using System.Globalization;
using System.Text;

namespace Philotes.Hosting;

/// <summary>The page docs/configuration.md, made from the options: every key with type, range, default and meaning.</summary>
public static class ConfigurationReference
{
    const string Opening = """
        # Configuration

        Every process reads one `philotes.yaml` (`--config FILE`, else `PHILOTES_CONFIG`, else `./philotes.yaml`). Over the file lie environment
        variables, `PHILOTES__SOURCE__CONNECTION__HOST=db1`, and over them the command line, `--set source.connection.host=db1` (with colons
        instead of dots where a key holds a dot). List items are numbered from 0: `PHILOTES__TABLES__0__MATCH='public.*'`.

        An unknown key, a value of the wrong kind, a missing unit or a value out of range stops the start (exit code 3). All errors are listed
        at once, each with file, line, key and what would be right. `philotes config validate` finds them without starting anything,
        `philotes config show --effective --origin` says where each value comes from, and `docs/philotes.schema.json` gives editors completion.

        - Durations have a unit: `200ms`, `15s`, `5m`, `72h`, `7d`. Sizes too: `512B`, `64KiB`, `8MiB`, `300GiB`, `2TiB`.
        - Secrets are `${file:/run/secrets/x}` or `${env:NAME}`; for a key `password` there is also `password_file`. They are read anew for each
          connection and never printed. A secret given inline works and is warned about.
        - A table pattern is `schema.table` with `*` and `?`; a part in double quotes is taken as it is written: `public."weird.name"`.
        - `tables` is read in order: a table is captured if any rule matches it and its `exclude` does not; a later rule overrides an earlier
          one key by key; `properties`, `types` and `columns` are merged.
        """;

    public static string Markdown()
    {
        var page = new StringBuilder(Opening).Append('\n');
        var top = OptionKey.Of(typeof(PhilotesOptions));
        foreach (var key in top.Where(key => LeafType.Of(key.Type) is not null))
            Heading(page, key, [key]);
        foreach (var key in top.Where(key => LeafType.Of(key.Type) is null))
            Heading(page, key, null);
        return page.ToString();
    }

    static void Heading(StringBuilder page, OptionKey key, IReadOnlyList<OptionKey>? only)
    {
        page.Append(CultureInfo.InvariantCulture, $"\n## {key.Name}\n\n{key.Description}\n\n| key | type | default | meaning |\n| --- | --- | --- | --- |\n");
        if (only is not null)
            Row(page, key, key.Name, Activator.CreateInstance<PhilotesOptions>());
        else
            Rows(page, key.ItemType ?? key.Type, key.ItemType is null ? key.Name : key.Name + "[]");
    }

    static void Rows(StringBuilder page, Type section, string path)
    {
        var defaults = Activator.CreateInstance(section)!;
        foreach (var key in OptionKey.Of(section))
        {
            if (LeafType.Of(key.Type) is not null || key.ItemType is not null || key.IsMap)
                Row(page, key, $"{path}.{key.Name}", defaults);
            else
                Rows(page, key.NamedSectionType ?? key.Type, key.NamedSectionType is null ? $"{path}.{key.Name}" : $"{path}.{key.Name}.NAME");
        }
    }

    static void Row(StringBuilder page, OptionKey key, string path, object defaults)
    {
        var type = LeafType.Of(key.Type)?.Name ?? (key.IsMap ? "text by text" : $"list of {LeafType.Of(key.ItemType!)?.Name}");
        var range = key.Between is { } between ? $", {between.Least} to {between.Most}" : "";
        page.Append(CultureInfo.InvariantCulture, $"| `{path}` | {type}{range} | {Default(key, defaults)} | {key.Description.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
    }

    static string Default(OptionKey key, object defaults)
    {
        if (key.Mandatory)
            return "required";
        return key.Property.GetValue(defaults) is { } value && LeafType.Of(value.GetType()) is { } leaf ? $"`{leaf.Format(value)}`" : "";
    }
}
