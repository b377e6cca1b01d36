using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Factory.Runtime;

namespace Factory.InferenceApi.Generation;

/// <summary>Decoding on a thread of its own, its pieces handed over as they are made.</summary>
internal static class Decoding
{
    /// <summary>The pieces of a plan. When the reader stops early, decoding stops after the token in the making; the end of the sequence waits for that.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    public static async IAsyncEnumerable<GeneratedPiece> PiecesAsync(GenerationPlan plan, [EnumeratorCancellation] CancellationToken ct)
    {
        // Bounded by the context window, so that a slow reader never holds up the thread.
        Channel<GeneratedPiece> pieces = Channel.CreateUnbounded<GeneratedPiece>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Task decoding = Task.Factory.StartNew(() => Decode(plan, pieces.Writer, stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            await foreach (GeneratedPiece piece in pieces.Reader.ReadAllAsync(ct))
            {
                yield return piece;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await decoding;
        }
    }

    private static void Decode(GenerationPlan plan, ChannelWriter<GeneratedPiece> pieces, CancellationToken ct)
    {
        try
        {
            foreach (GeneratedPiece piece in new TextGenerator(plan.Model).Generate(plan.PromptIds, plan.Options, ct))
            {
                ct.ThrowIfCancellationRequested();
                pieces.TryWrite(piece);
            }
            pieces.Complete();
        }
        catch (Exception error)
        {
            // The reader gets it.
            pieces.Complete(error);
        }
    }
}
