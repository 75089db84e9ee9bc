namespace Philotes.Hosting;

/// <summary>What happens to a change that can never be written.</summary>
public enum OnPoison
{
    BlockTable,
    ParkKey,
    Park,
}
