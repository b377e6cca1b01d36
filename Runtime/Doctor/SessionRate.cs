using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;

namespace Factory.Runtime.Doctor;

/// <summary>How fast a CPU session multiplies square float32 matrices.</summary>
internal static class SessionRate
{
    private const int Size = 512;

    /// <summary>Runs for about <paramref name="duration"/>, after one run to warm up.</summary>
    /// <returns>Floating-point operations per second of the fastest run.</returns>
    public static double Measure(TimeSpan duration)
    {
        using SessionOptions options = SessionSettings.Create(new RuntimeOptions());
        using var session = new InferenceSession(MatmulGraph.Create(Size), options);
        using var run = new RunOptions();
        float[] ones = new float[Size * Size];
        Array.Fill(ones, 1f);
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(ones, [Size, Size]);
        var inputs = new Dictionary<string, OrtValue> { ["left"] = input, ["right"] = input };
        session.Run(run, inputs, ["product"]).Dispose();
        var clock = Stopwatch.StartNew();
        TimeSpan fastest = TimeSpan.MaxValue;
        do
        {
            TimeSpan start = clock.Elapsed;
            session.Run(run, inputs, ["product"]).Dispose();
            TimeSpan taken = clock.Elapsed - start;
            fastest = taken < fastest ? taken : fastest;
        }
        while (clock.Elapsed < duration);
        return 2.0 * Size * Size * Size / fastest.TotalSeconds;
    }
}
