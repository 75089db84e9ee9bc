namespace Philotes.Hosting;

/// <summary>A setting that is chosen by the other settings unless it is said.</summary>
public enum AutoSwitch
{
    Auto,
    On,
    Off,
}
