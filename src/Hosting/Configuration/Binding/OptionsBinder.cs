namespace Philotes.Hosting;

/// <summary>Turns nodes into options. Collects every error instead of stopping at the first, and remembers where each key was said.</summary>
sealed class OptionsBinder(IReadOnlyDictionary<string, string?> environment, List<ConfigurationError> errors)
{
    readonly SecretReader _secrets = new(environment);
    readonly Dictionary<string, ConfigurationOrigin> _origins = new(StringComparer.Ordinal);
    readonly List<ConfigurationError> _warnings = [];

    public IReadOnlyDictionary<string, ConfigurationOrigin> Origins => _origins;

    public List<ConfigurationError> Warnings => _warnings;

    public PhilotesOptions Bind(MapNode root) => (PhilotesOptions)BindSection(typeof(PhilotesOptions), root, "");

    /// <summary>Where a key was said, for a check that runs after the binding.</summary>
    public ConfigurationOrigin OriginOf(string key) => _origins.GetValueOrDefault(key) ?? ConfigurationOrigin.Default;

    object BindSection(Type type, MapNode node, string path)
    {
        var section = Activator.CreateInstance(type)!;
        var keys = OptionKey.Of(type);
        foreach (var (name, child) in node.Entries)
        {
            var key = keys.FirstOrDefault(candidate => candidate.Name == name);
            if (key is null && keys.FirstOrDefault(candidate => candidate.Type == typeof(Secret) && candidate.Name + "_file" == name) is { } secret)
                BindSecretFile(section, secret, child, Join(path, name));
            else if (key is null)
                Unknown(child, Join(path, name), name, keys);
            else if (Said(key, child) is { } said && BindValue(key, said, Join(path, name)) is { } value)
                key.Property.SetValue(section, value);
        }
        foreach (var key in keys.Where(key => key.Mandatory && !IsSet(node, key)))
            Fail(node.Origin, Join(path, key.Name), $"is missing; it must be {Expected(key)}");
        return section;
    }

    /// <summary>A key without a value counts as not there, except where <c>null</c> is one of the values that it can have.</summary>
    static ConfigurationNode? Said(OptionKey key, ConfigurationNode node) => node is not ScalarNode { Text: null } ? node
        : key.Type.IsEnum && LeafType.Values(key.Type).Contains("null") ? new ScalarNode(node.Origin, "null") : null;

    static bool IsSet(MapNode node, OptionKey key) =>
        (node.Entries.TryGetValue(key.Name, out var value) && value is not ScalarNode { Text: null or "" })
        || (key.Type == typeof(Secret) && node.Entries.ContainsKey(key.Name + "_file"));

    object? BindValue(OptionKey key, ConfigurationNode node, string path)
    {
        _origins[path] = node.Origin;
        if (LeafType.Of(key.Type) is { } leaf)
            return BindLeaf(leaf, key.Type, key.Between, node, path);
        if (key.ItemType is { } itemType)
            return BindList(itemType, node, path);
        if (node is not MapNode map)
            return Fail(node.Origin, path, key.IsMap ? "must be keys with text values" : $"must be a section with the keys {KeysOf(key.NamedSectionType ?? key.Type)}");
        if (key.NamedSectionType is { } named)
            return BindNamedSections(named, map, path);
        return key.IsMap ? BindMap(map, path) : BindSection(key.Type, map, path);
    }

    object? BindLeaf(LeafType leaf, Type type, BetweenAttribute? between, ConfigurationNode node, string path)
    {
        if (node is not ScalarNode { Text: { } text })
            return Fail(node.Origin, path, $"must be {leaf.Expected}");
        if (type == typeof(Secret))
            return BindSecret(text, node, path);
        if (SecretReader.IsReference(text))
        {
            var (referred, problem) = _secrets.Read(text);
            if (referred is null)
                return Fail(node.Origin, path, problem!);
            text = referred.Reveal();
        }
        var value = leaf.Parse(text);
        if (value is null)
            return Fail(node.Origin, path, $"\"{text}\" is not {leaf.Expected}{DidYouMean(text, type)}");
        if (between is not null && !IsBetween(leaf, between, value))
            return Fail(node.Origin, path, $"\"{text}\" is out of range; it must be between {between.Least} and {between.Most}");
        return value;
    }

    static bool IsBetween(LeafType leaf, BetweenAttribute between, object value) =>
        value is IComparable comparable
            ? comparable.CompareTo(leaf.Parse(between.Least)) >= 0 && comparable.CompareTo(leaf.Parse(between.Most)) <= 0
            : (ByteSize)value >= (ByteSize)leaf.Parse(between.Least)! && (ByteSize)value <= (ByteSize)leaf.Parse(between.Most)!;

    static string DidYouMean(string text, Type type) =>
        type.IsEnum && Spelling.Nearest(text, LeafType.Values(type)) is { } nearest ? $"; did you mean {nearest}?" : "";

    Secret? BindSecret(string text, ConfigurationNode node, string path)
    {
        var (secret, problem) = _secrets.Read(text);
        if (secret is null)
            return (Secret?)Fail(node.Origin, path, problem!);
        if (!SecretReader.IsReference(text))
            _warnings.Add(new ConfigurationError(node.Origin, path, "is given inline; write ${file:/path} or ${env:NAME}"));
        return secret;
    }

    void BindSecretFile(object section, OptionKey key, ConfigurationNode node, string path)
    {
        _origins[path] = node.Origin;
        var (secret, problem) = node is ScalarNode { Text: { } file } ? SecretReader.ReadFile(file) : (null, "must be the path of a file");
        if (secret is null)
            Fail(node.Origin, path, problem!);
        else
            key.Property.SetValue(section, secret);
    }

    object? BindList(Type itemType, ConfigurationNode node, string path)
    {
        if (node is not ListNode list)
            return Fail(node.Origin, path, "must be a list, such as [a, b]");
        var items = Array.CreateInstance(itemType, list.Items.Count);
        for (var i = 0; i < list.Items.Count; i++)
        {
            var itemPath = $"{path}[{i}]";
            _origins[itemPath] = list.Items[i].Origin;
            items.SetValue(BindItem(itemType, list.Items[i], itemPath), i);
        }
        return items;
    }

    object? BindItem(Type itemType, ConfigurationNode node, string path)
    {
        if (LeafType.Of(itemType) is { } leaf)
            return BindLeaf(leaf, itemType, between: null, node, path);
        return node is MapNode map
            ? BindSection(itemType, map, path)
            : Fail(node.Origin, path, $"must be a section with the keys {KeysOf(itemType)}");
    }

    Dictionary<string, string> BindMap(MapNode map, string path)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, child) in map.Entries)
        {
            _origins[Join(path, name)] = child.Origin;
            if (child is ScalarNode { Text: { } text })
                values[name] = text;
            else
                Fail(child.Origin, Join(path, name), "must be text");
        }
        return values;
    }

    System.Collections.IDictionary BindNamedSections(Type section, MapNode map, string path)
    {
        var sections = (System.Collections.IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), section))!;
        foreach (var (name, child) in map.Entries)
        {
            _origins[Join(path, name)] = child.Origin;
            if (child is MapNode entry)
                sections.Add(name, BindSection(section, entry, Join(path, name)));
            else
                Fail(child.Origin, Join(path, name), $"must be a section with the keys {KeysOf(section)}");
        }
        return sections;
    }

    void Unknown(ConfigurationNode node, string path, string name, IReadOnlyList<OptionKey> keys)
    {
        var nearest = Spelling.Nearest(name, keys.Select(key => key.Name));
        Fail(node.Origin, path, nearest is null
            ? $"is not a known key; known here: {string.Join(", ", keys.Select(key => key.Name))}"
            : $"is not a known key; did you mean {nearest}?");
    }

    object? Fail(ConfigurationOrigin origin, string path, string message)
    {
        errors.Add(new ConfigurationError(origin, path, message));
        return null;
    }

    static string Expected(OptionKey key) => LeafType.Of(key.Type)?.Expected ?? "a section";

    static string KeysOf(Type type) => string.Join(", ", OptionKey.Of(type).Select(key => key.Name));

    static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
