using System.Collections.Concurrent;
using System.ComponentModel;
using System.Reflection;

namespace Philotes.Hosting;

/// <summary>One key of one section: its spelling and what is known about it from the options class.</summary>
sealed record OptionKey(string Name, PropertyInfo Property, string Description, BetweenAttribute? Between, bool Mandatory, bool Masked)
{
    static readonly ConcurrentDictionary<Type, IReadOnlyList<OptionKey>> Known = new();

    /// <summary>The value's type, without the question mark of a nullable.</summary>
    public Type Type => Nullable.GetUnderlyingType(Property.PropertyType) ?? Property.PropertyType;

    /// <summary>The type of the items of a list; null for anything else.</summary>
    public Type? ItemType => Type.IsGenericType && Type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? Type.GetGenericArguments()[0] : null;

    public bool IsMap => Type == typeof(IReadOnlyDictionary<string, string>);

    /// <summary>The section's type where names of the user's choice lead to sections; null for anything else.</summary>
    public Type? NamedSectionType =>
        Type.IsGenericType && Type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>) && !IsMap ? Type.GetGenericArguments()[1] : null;

    public static IReadOnlyList<OptionKey> Of(Type section) => Known.GetOrAdd(section, static type => type
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.CanWrite)
        .Select(property => new OptionKey(
            Spelling.Snake(property.Name),
            property,
            property.GetCustomAttribute<DescriptionAttribute>()?.Description ?? "",
            property.GetCustomAttribute<BetweenAttribute>(),
            property.IsDefined(typeof(MandatoryAttribute)),
            property.IsDefined(typeof(MaskedAttribute))))
        .ToList());
}
