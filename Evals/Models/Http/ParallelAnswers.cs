using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Factory.Evals.Requests;

namespace Factory.Evals.Models.Http;

/// <summary>Asks a server several things at once and hands the answers on as they come.</summary>
internal static class ParallelAnswers
{
    /// <param name="concurrency">Pieces of work at once.</param>
    public static async IAsyncEnumerable<Answer> RunAsync<T>(
        IEnumerable<T> work, int concurrency, Func<T, CancellationToken, Task<IReadOnlyList<Answer>>> ask, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var answers = Channel.CreateUnbounded<Answer>();
        Task asked = Parallel.ForEachAsync(work, new ParallelOptions { MaxDegreeOfParallelism = concurrency, CancellationToken = stop.Token }, async (item, token) =>
        {
            foreach (Answer answer in await ask(item, token).ConfigureAwait(false))
            {
                await answers.Writer.WriteAsync(answer, token).ConfigureAwait(false);
            }
        });
        Task closed = asked.ContinueWith(done => answers.Writer.TryComplete(done.Exception?.InnerException), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        try
        {
            await foreach (Answer answer in answers.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return answer;
            }
            await asked.ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await closed.ConfigureAwait(false);
        }
    }
}
