namespace Philotes.Hosting;

/// <summary>What <c>_cdc_before</c> holds.</summary>
public enum BeforeImage
{
    Key,
    Full,
}
