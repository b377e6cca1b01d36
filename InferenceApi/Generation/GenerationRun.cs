using Factory.InferenceApi.Telemetry;
using Factory.Runtime;

namespace Factory.InferenceApi.Generation;

/// <summary>One plan being decoded: gives its text piece by piece and counts what the answer reports.</summary>
/// <param name="waiting">Time spent in the queue.</param>
internal sealed class GenerationRun(GenerationPlan plan, TimeSpan waiting, TimeProvider time, ServerMeters meters, StopReasons stop)
{
    private FinishReason _finish;
    private int _tokens;
    private TimeSpan _firstToken;
    private TimeSpan _total;

    /// <summary>Texts of the pieces, never empty ones.</summary>
    public async IAsyncEnumerable<string> TextsAsync()
    {
        long start = time.GetTimestamp();
        meters.Prompt(plan.PromptIds.Count);
        await using IAsyncEnumerator<GeneratedPiece> pieces = Decoding.PiecesAsync(plan, stop.Token).GetAsyncEnumerator();
        while (await stop.GuardAsync(pieces.MoveNextAsync().AsTask()))
        {
            GeneratedPiece piece = pieces.Current;
            meters.Generated();
            _tokens++;
            _total = time.GetElapsedTime(start);
            _firstToken = _tokens == 1 ? _total : _firstToken;
            _finish = piece.Finish ?? _finish;
            if (piece.Text.Length > 0)
            {
                yield return piece.Text;
            }
        }
    }

    /// <summary>What is known once all texts were read.</summary>
    public GenerationEnd End() => new(
        _finish,
        plan.PromptIds.Count,
        _tokens,
        plan.Seed,
        new GenerationTimings(Seconds(waiting), Seconds(_firstToken), Seconds(_total), Math.Round(_tokens / Math.Max(_total.TotalSeconds, 1e-6), 1)));

    private static double Seconds(TimeSpan span) => Math.Round(span.TotalSeconds, 4);
}
