using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Factory.InferenceApi.Generation;
using Factory.Runtime;

namespace Factory.InferenceApi.OpenAi;

/// <summary>The prompts of one request, continued together.</summary>
internal sealed class Prompts(PieceReader reader)
{
    /// <summary>Pieces of all prompts as they come, each with its prompt's index. Leaving the enumeration ends all.</summary>
    public async IAsyncEnumerable<(int Prompt, GeneratedPiece Piece)> ReadAsync(
        TextEngine engine, IReadOnlyList<int[]> prompts, GenerationOptions options, Turn turn, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Channel<(int, GeneratedPiece)> merged = Channel.CreateUnbounded<(int, GeneratedPiece)>(new UnboundedChannelOptions { SingleReader = true });
        using var left = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task all = PourAllAsync();
        try
        {
            await foreach ((int, GeneratedPiece) piece in merged.Reader.ReadAllAsync(CancellationToken.None))
            {
                yield return piece;
            }
        }
        finally
        {
            await left.CancelAsync();
            await all;
        }

        async Task PourAllAsync()
        {
            try
            {
                await Task.WhenAll(prompts.Select(PourAsync));
                merged.Writer.Complete();
            }
            catch (Exception error)
            {
                // The reader gets it.
                merged.Writer.Complete(error);
            }
        }

        async Task PourAsync(int[] prompt, int index)
        {
            try
            {
                await foreach (GeneratedPiece piece in reader.ReadAsync(engine, prompt, options, turn))
                {
                    left.Token.ThrowIfCancellationRequested();
                    merged.Writer.TryWrite((index, piece));
                }
            }
            catch
            {
                // One that fails ends the request.
                await left.CancelAsync();
                throw;
            }
        }
    }
}
