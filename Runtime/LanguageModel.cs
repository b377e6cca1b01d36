using Factory.Core;
using Factory.Core.Bundles;
using Factory.Runtime.Native;
using Microsoft.ML.OnnxRuntime;

namespace Factory.Runtime;

/// <summary>
/// A bundle in an ONNX Runtime session: token ids in, logits out. Several threads may use it at once, each with its own <see cref="KvCache"/>.
/// <code>
/// prompt ids ─► Append (prefill) ─► logits ─► choose a token ─► Append (decode) ─► logits ─► …
///                    └────────── KvCache ──────────────────────────┘
/// </code>
/// </summary>
public sealed class LanguageModel : IDisposable
{
    /// <summary>Tokens of one run at most: longer prompts go in pieces, which bounds the memory of activations.</summary>
    internal const int PrefillChunk = 512;

    private readonly Lazy<ScoringGraph?> _scoring;

    private LanguageModel(Bundle bundle, ModelSession session, ModelSession prefill, RuntimeOptions options, int workers)
    {
        _scoring = new Lazy<ScoringGraph?>(() => session.Provider == "cpu" ? ScoringGraph.TryOpen(bundle, options, session.KvLayout.Chunks) : null);
        Bundle = bundle;
        Session = session;
        PrefillSession = prefill;
        Workers = workers;
    }

    public Bundle Bundle { get; }

    /// <summary>"cpu" or "cuda".</summary>
    public string Provider => Session.Provider;

    /// <summary>Computes tokens that are generated.</summary>
    internal ModelSession Session { get; }

    /// <summary>
    /// Computes tokens that are given: the same session, but where the bundle has a graph of its own for them. Which of the two computes a token depends on
    /// nothing else than that, so that a request gets the same tokens alone and in a full batch.
    /// </summary>
    internal ModelSession PrefillSession { get; }

    /// <summary>Scores texts that share their beginnings, to the same bits as <see cref="PrefillSession"/>; opened when it is first asked for. null where there is none.</summary>
    internal ScoringGraph? ScoringGraph => _scoring.Value;

    /// <summary>Runs that are best computed at once, where there are several to do.</summary>
    internal int Workers { get; }

    private int Vocabulary => Bundle.Architecture.VocabularySize;

    /// <summary>
    /// Opens a session on the bundle's graph. Graph and weights are read once, hashed while they are read, and the session is made from those bytes: nothing
    /// that happens to the files later reaches it.
    /// </summary>
    /// <param name="log">Gets the line that says which provider was taken and why.</param>
    /// <exception cref="UserError">A file is not what the manifest lists, CUDA was asked for and is not there, or ONNX Runtime refuses the graph.</exception>
    /// <exception cref="InsufficientMemoryError">The weights do not fit the memory.</exception>
    public static LanguageModel Load(Bundle bundle, RuntimeOptions options, Action<string>? log = null)
    {
        options.Validate();
        int operatorThreads = SessionSettings.OperatorThreads(options, bundle.Manifest.Files[BundleFolder.WeightsFile].Length);
        using SessionOptions session = SessionSettings.Create(options, operatorThreads);
        string provider = ExecutionProvider.Append(session, options, bundle.Precision, log);
        bool map = options.MapWeights && provider == "cpu";
        if (!map)
        {
            RequireMemory(bundle, options);
        }
        using VerifiedFile graph = VerifiedFile.Read(bundle.Directory, bundle.Manifest, BundleFolder.GraphFile);
        using VerifiedFile? prefillGraph = bundle.HasPrefillGraph ? VerifiedFile.Read(bundle.Directory, bundle.Manifest, BundleFolder.PrefillFile) : null;
        using VerifiedFile? weights = map ? null : VerifiedFile.Read(bundle.Directory, bundle.Manifest, BundleFolder.WeightsFile);
        if (weights is null)
        {
            VerifiedFile.Check(bundle.Directory, bundle.Manifest, BundleFolder.WeightsFile);
            SessionSettings.LeaveWeightsMapped(session, bundle.Precision);
        }
        else
        {
            ExternalWeights.Add(session, weights);
        }
        try
        {
            InferenceSession inference = Open(graph, BundleFolder.GraphFile);
            var decode = new ModelSession(CheckInputs(inference, bundle, BundleFolder.GraphFile), bundle, provider);
            ModelSession prefill = prefillGraph is null ? decode : Prefill(decode, () => Open(prefillGraph, BundleFolder.PrefillFile), bundle, provider);
            return new LanguageModel(bundle, decode, prefill, options, provider == "cpu" ? options.AllowedThreads / operatorThreads : 1);
        }
        catch (Exception error) when (InsufficientMemoryError.Names(error))
        {
            throw new InsufficientMemoryError(
                $"{bundle.Directory}: expected memory for a session on {InsufficientMemoryError.Size(bundle.Manifest.Files[BundleFolder.WeightsFile].Length)} of weights, found too little. Free some, or serve a smaller or quantized bundle.", error);
        }
        catch (OnnxRuntimeException error)
        {
            throw new UserError($"{bundle.GraphPath}: expected a graph that ONNX Runtime runs, found: {error.Message.ReplaceLineEndings(" ")}", error);
        }

        // Weights are found beside a graph that is opened by its path, and mapped.
        InferenceSession Open(VerifiedFile file, string name) => map ? new InferenceSession(Path.Combine(bundle.Directory, name), session) : new InferenceSession(file.ToArray(), session);
    }

    /// <summary>Logits of every position, shape (time, vocabulary), row-major.</summary>
    /// <exception cref="UserError">There is no id, an id is outside the vocabulary, or there are more ids than the context window holds.</exception>
    public float[] Logits(IReadOnlyList<int> ids) => Logits(ids, 0);

    /// <summary>Logits of the positions from <paramref name="from"/> on, shape (time - from, vocabulary), row-major.</summary>
    /// <inheritdoc cref="Logits(IReadOnlyList{int})"/>
    public float[] Logits(IReadOnlyList<int> ids, int from)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        int window = Bundle.Architecture.MaxPositions;
        if (ids.Count > window)
        {
            throw new UserError($"{Bundle.Directory}: expected at most {window} token ids (the context window), found {ids.Count}.");
        }
        Check(ids);
        using KvCache cache = NewCache(ids.Count);
        return Run(cache, ids, from);
    }

    /// <summary>An empty cache with room for <paramref name="capacity"/> tokens, at most the context window.</summary>
    /// <exception cref="InsufficientMemoryError">It does not fit the memory; nothing of it stays allocated.</exception>
    public KvCache NewCache(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, Bundle.Architecture.MaxPositions);
        return AllocateCache(capacity);
    }

    internal KvCache AllocateCache(int capacity) => new(this, capacity);

    /// <summary>
    /// Feeds tokens after those in the cache: a prompt (prefill) or the last chosen token (decode). One token behind others counts as chosen, anything else as
    /// given, which makes a difference for bundles with a graph of its own for prompts.
    /// </summary>
    /// <returns>Logits of the last position, shape (vocabulary).</returns>
    /// <exception cref="UserError">There is no id, or an id is outside the vocabulary.</exception>
    /// <exception cref="InvalidOperationException">The cache is another model's or has no room.</exception>
    public float[] Append(KvCache cache, IReadOnlyList<int> ids)
    {
        Check(ids);
        return Run(cache, ids, ids.Count - 1);
    }

    public void Dispose()
    {
        if (_scoring.IsValueCreated)
        {
            _scoring.Value?.Dispose();
        }
        Session.Dispose();
        if (PrefillSession != Session)
        {
            PrefillSession.Dispose();
        }
    }

    /// <summary>Runs the ids in chunks; returns the logits from position <paramref name="from"/> of <paramref name="ids"/> on.</summary>
    private float[] Run(KvCache cache, IReadOnlyList<int> ids, int from)
    {
        if (cache.Model != this || ids.Count > cache.Capacity - cache.Length)
        {
            throw new InvalidOperationException($"A cache of {cache.Capacity} tokens with {cache.Length} in it cannot take {ids.Count} more from this model.");
        }
        long count = (long)(ids.Count - from) * Vocabulary;
        if (count > Array.MaxLength)
        {
            throw new InsufficientMemoryError($"{Bundle.Name}: expected at most {Array.MaxLength / Vocabulary} positions of logits at once, found {ids.Count - from}. Ask for fewer positions.");
        }
        var logits = new float[count];
        var unused = new float[from > 0 ? Vocabulary : 0];
        ModelSession session = ids.Count == 1 && cache.Length > 0 ? Session : PrefillSession;
        int end;
        for (int start = 0; start < ids.Count; start = end)
        {
            end = start + Session.KvLayout.Chunks.Next(ids.Count - start, PrefillChunk);
            long[] chunk = [.. Enumerable.Range(start, end - start).Select(at => (long)ids[at])];
            // A chunk that ends before `from` still computes one row: the graph always has an output.
            int first = Math.Clamp(from, start, end - 1);
            RunChunk(session, cache, chunk, first - start, first < from ? unused : logits.AsMemory((first - from) * Vocabulary, (end - first) * Vocabulary));
        }
        return logits;
    }

    /// <param name="chunk">New tokens, shape (time).</param>
    /// <param name="logits">Receives the rows from <paramref name="first"/> on, shape (time - first, vocabulary).</param>
    private static void RunChunk(ModelSession session, KvCache cache, long[] chunk, int first, Memory<float> logits)
    {
        int total = cache.Length + chunk.Length;
        long[] rows = [.. Enumerable.Range(first, chunk.Length - first).Select(row => (long)row)];
        session.Forward(cache.Buffers, first: 0, rows: 1, chunk, new[] { total - 1 }, rows, logits);
        cache.Length = total;
    }

    /// <summary>Whether there is memory to make a session.</summary>
    internal static bool HasMemory(Bundle bundle, RuntimeOptions options) => Need(bundle) <= FreeMemory.Bytes(options.MemoryLimitBytes);

    /// <summary>While it is loaded a model needs its weights twice and some, see docs/inference.md.</summary>
    private static long Need(Bundle bundle) => bundle.Manifest.Files[BundleFolder.WeightsFile].Length / 2 * 5;

    private static void RequireMemory(Bundle bundle, RuntimeOptions options)
    {
        long weights = bundle.Manifest.Files[BundleFolder.WeightsFile].Length;
        long need = Need(bundle);
        long free = FreeMemory.Bytes(options.MemoryLimitBytes);
        if (need > free)
        {
            throw new InsufficientMemoryError(
                $"{bundle.Directory}: expected {InsufficientMemoryError.Size(need)} of free memory to load {InsufficientMemoryError.Size(weights)} of weights, found {InsufficientMemoryError.Size(free)}. Unload another model, or take a smaller or quantized bundle.");
        }
    }

    /// <param name="decode">Disposed where there is no session for prefill.</param>
    private static ModelSession Prefill(ModelSession decode, Func<InferenceSession> open, Bundle bundle, string provider)
    {
        try
        {
            return new ModelSession(CheckInputs(open(), bundle, BundleFolder.PrefillFile), bundle, provider);
        }
        catch
        {
            decode.Dispose();
            throw;
        }
    }

    private static InferenceSession CheckInputs(InferenceSession session, Bundle bundle, string file)
    {
        int blocks = bundle.Architecture.BlockCount;
        int expected = 4 + (2 * blocks);
        if (session.InputNames.Count == expected && session.InputNames.Contains(GraphNames.PastValue(blocks - 1)))
        {
            return session;
        }
        int found = session.InputNames.Count;
        session.Dispose();
        throw new UserError($"{Path.Combine(bundle.Directory, file)}: expected {expected} inputs as for the {blocks} blocks of config.json, found {found} of other names or number. Export the model again.");
    }

    internal void Check(IReadOnlyList<int> ids)
    {
        if (ids.Count == 0)
        {
            throw new UserError($"{Bundle.Directory}: expected at least one token id, found none.");
        }
        foreach (int id in ids)
        {
            if (id < 0 || id >= Vocabulary)
            {
                throw new UserError($"{Bundle.Directory}: expected token ids from 0 to {Vocabulary - 1}, found {id}.");
            }
        }
    }
}
