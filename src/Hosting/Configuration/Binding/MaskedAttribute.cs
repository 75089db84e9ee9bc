namespace Philotes.Hosting;

/// <summary>A map whose values may be secrets although they are plain text: they are never printed, their names are.</summary>
[AttributeUsage(AttributeTargets.Property)]
sealed class MaskedAttribute : Attribute;
