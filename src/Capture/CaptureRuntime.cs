using Microsoft.Extensions.Logging;
using Philotes.Capture.Copy;
using Philotes.Hosting;

namespace Philotes.Capture;

/// <summary>What the process lends to a capture.</summary>
internal sealed record CaptureRuntime(TimeProvider Time, CaptureMetrics Metrics, CopyMetrics Copies, ProcessHealth Health, ILogger Logger);
