using Factory.Runtime;

namespace Factory.InferenceApi.Generation;

/// <summary>One plan being decoded: gives its text piece by piece and counts what the answer reports.</summary>
internal sealed class GenerationRun(GenerationPlan plan, Turn turn, PieceReader reader, TimeProvider time)
{
    private FinishReason _finish;
    private int _tokens;
    private TimeSpan _firstToken;
    private TimeSpan _total;

    /// <summary>Texts of the pieces, never empty ones.</summary>
    public async IAsyncEnumerable<string> TextsAsync()
    {
        long start = time.GetTimestamp();
        await foreach (GeneratedPiece piece in reader.ReadAsync(plan.Engine, plan.PromptIds, plan.Options, turn))
        {
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
        new GenerationTimings(Seconds(turn.Waiting), Seconds(_firstToken), Seconds(_total), Math.Round(_tokens / Math.Max(_total.TotalSeconds, 1e-6), 1)));

    private static double Seconds(TimeSpan span) => Math.Round(span.TotalSeconds, 4);
}
