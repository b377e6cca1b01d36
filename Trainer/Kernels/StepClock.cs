using System.Diagnostics;

namespace Factory.Trainer.Kernels;

/// <summary>Time by part, for benchmarks: off unless <see cref="Start"/> was called. Each moment counts for the innermost part alone. One thread only.</summary>
internal static class StepClock
{
    private static readonly long[] Ticks = new long[Enum.GetValues<StepPart>().Length];
    private static bool _isOn;
    private static StepPart _part;
    private static long _since;

    /// <summary>Sets all parts to zero and begins to count.</summary>
    public static void Start()
    {
        Array.Clear(Ticks);
        (_isOn, _part, _since) = (true, StepPart.Other, Stopwatch.GetTimestamp());
    }

    /// <summary>Ends the count.</summary>
    /// <returns>Seconds by part.</returns>
    public static IReadOnlyDictionary<StepPart, double> Stop()
    {
        Switch(StepPart.Other);
        _isOn = false;
        return Enum.GetValues<StepPart>().ToDictionary(part => part, part => Ticks[(int)part] / (double)Stopwatch.Frequency);
    }

    /// <summary>Counts for <paramref name="part"/> until disposed.</summary>
    public static Span Measure(StepPart part)
    {
        if (!_isOn)
        {
            return default;
        }
        var span = new Span(_part);
        Switch(part);
        return span;
    }

    private static void Switch(StepPart next)
    {
        long now = Stopwatch.GetTimestamp();
        Ticks[(int)_part] += now - _since;
        (_part, _since) = (next, now);
    }

    /// <summary>A stretch of time; the part around it goes on afterwards.</summary>
    internal readonly ref struct Span(StepPart around)
    {
        private readonly StepPart _around = around;

        public void Dispose()
        {
            if (_isOn)
            {
                Switch(_around);
            }
        }
    }
}
