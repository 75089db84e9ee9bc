namespace Philotes.Hosting;

/// <summary>The key must be there whenever its section is.</summary>
[AttributeUsage(AttributeTargets.Property)]
sealed class MandatoryAttribute : Attribute;
