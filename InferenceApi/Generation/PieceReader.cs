using Factory.InferenceApi.Telemetry;
using Factory.Runtime;

namespace Factory.InferenceApi.Generation;

/// <summary>Reads what the engine makes of a request, counts it, and says why it ended early.</summary>
internal sealed class PieceReader(TimeProvider time, ServerMeters meters)
{
    /// <summary>Pieces of all choices, as they come. Leaving the enumeration ends the generation within a step.</summary>
    public async IAsyncEnumerable<GeneratedPiece> ReadAsync(TextEngine engine, IReadOnlyList<int> promptIds, GenerationOptions options, Turn turn)
    {
        long start = time.GetTimestamp();
        meters.Prompt(promptIds.Count);
        long last = start;
        bool first = true;
        await using IAsyncEnumerator<GeneratedPiece> pieces = engine.GenerateAsync(promptIds, options, turn.Stop.Token).GetAsyncEnumerator(turn.Stop.Token);
        while (await turn.Stop.GuardAsync(pieces.MoveNextAsync().AsTask()))
        {
            if (!pieces.Current.IsPrompt)
            {
                long now = time.GetTimestamp();
                meters.Generated(time.GetElapsedTime(first ? start : last, now), first);
                (last, first) = (now, false);
            }
            yield return pieces.Current;
        }
    }
}
