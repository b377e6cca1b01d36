using System.Threading.Tasks.Dataflow;
using Factory.Core;
using Factory.Core.Disk;
using Factory.Core.Text;
using Factory.Trainer.Texts;

namespace Factory.Trainer.Tokens;

/// <summary>
/// Turns text into a token directory. What is held in memory does not grow with the input, and the tokens do not depend on the number of threads:
/// <code>
/// files ─► reader ─► batches ─► encoders (as many as threads, order kept) ─► writer ─► train.bin, validation.bin
///                    └─────────── at most a few batches at a time ──────────┘
/// </code>
/// </summary>
internal static class Tokenization
{
    /// <summary>A batch is full when it has so many characters or so many sections: enough for an encoder to be worth waking, and few enough to keep all busy.</summary>
    private const int BatchCharacters = 1 << 18;
    private const int BatchSections = 1024;
    private const int BatchesPerThread = 4;

    /// <param name="progress">Called after every batch.</param>
    /// <exception cref="UserError">An input, the tokenizer or the output is not usable; nothing is written then.</exception>
    public static TokenizeReport Run(TokenizeOptions options, TextFiles files, TextTokenizer tokenizer, Action? progress, CancellationToken cancellationToken)
    {
        options.Validate();
        OutputPath.RequireDirectory(options.Output, TokenFacts.Kind, options.Overwrite, " or replace them with --overwrite");
        using var directory = AtomicDirectory.Create(options.Output);
        using var writer = new TokenWriter(directory.Path, tokenizer, options, files.Sources);
        EncodeAsync(options.Threads, files, tokenizer, section => writer.Add(section), progress, cancellationToken).GetAwaiter().GetResult();
        TokenizeReport report = writer.Finish(cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        directory.Commit();
        return report;
    }

    private static async Task EncodeAsync(
        int threads, TextFiles files, TextTokenizer tokenizer, Action<EncodedSection> write, Action? progress, CancellationToken cancellationToken)
    {
        threads = threads > 0 ? threads : Environment.ProcessorCount;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var encoders = new TransformBlock<(int Source, TextSection Section)[], EncodedSection[]>(
            batch => [.. batch.Select(item => EncodedSection.Encode(item.Source, item.Section, tokenizer))],
            new ExecutionDataflowBlockOptions { MaxDegreeOfParallelism = threads, BoundedCapacity = BatchesPerThread * threads, EnsureOrdered = true, CancellationToken = stop.Token });
        Task reading = Task.Run(() => ReadAsync(files, encoders, stop.Token), stop.Token);
        try
        {
            while (await encoders.OutputAvailableAsync(stop.Token).ConfigureAwait(false))
            {
                foreach (EncodedSection section in await encoders.ReceiveAsync(stop.Token).ConfigureAwait(false))
                {
                    write(section);
                }
                progress?.Invoke();
            }
        }
        catch
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
        // The reader's own failure first: an encoder that was told of it would wrap it up.
        await reading.ConfigureAwait(false);
        await encoders.Completion.ConfigureAwait(false);
    }

    private static async Task ReadAsync(TextFiles files, TransformBlock<(int, TextSection)[], EncodedSection[]> encoders, CancellationToken cancellationToken)
    {
        try
        {
            var batch = new List<(int, TextSection)>();
            int characters = 0;
            foreach ((int source, TextSection section) in files.Sections())
            {
                batch.Add((source, section));
                characters += section.Text.Length;
                if (characters >= BatchCharacters || batch.Count >= BatchSections)
                {
                    if (!await encoders.SendAsync([.. batch], cancellationToken).ConfigureAwait(false))
                    {
                        return; // An encoder failed; its error is the one to be told.
                    }
                    batch.Clear();
                    characters = 0;
                }
            }
            await encoders.SendAsync([.. batch], cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            encoders.Complete();
        }
    }
}
