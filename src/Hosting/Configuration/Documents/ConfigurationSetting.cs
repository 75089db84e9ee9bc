namespace Philotes.Hosting;

/// <summary>One value of the configuration, secrets masked.</summary>
/// <param name="Key"><c>source.connection.host</c>, <c>tables[0].match</c>.</param>
public sealed record ConfigurationSetting(string Key, string Value, ConfigurationOrigin Origin);
