using Factory.Core;
using Factory.Core.Disk;
using Factory.Exporter.Precisions;
using Factory.Runtime;

namespace Factory.Exporter.Targets;

/// <summary>A kind of folder that other software loads. One subclass a target.</summary>
public abstract class Target
{
    /// <summary>The word on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>One clause for <c>--help</c>.</summary>
    public abstract string Summary { get; }

    /// <summary>What a folder's manifest.json calls it; an older folder of this kind is replaced.</summary>
    internal abstract string Kind { get; }

    /// <summary>Precisions it can be written in, the default first.</summary>
    public abstract IReadOnlyList<Precision> Precisions { get; }

    /// <summary>What a user may do next with a folder that was written.</summary>
    /// <param name="output">The folder, quoted for a shell.</param>
    internal abstract string NextStep(string output);

    /// <summary>How to load the folder <paramref name="name"/>, in Markdown, for its model card.</summary>
    internal abstract string Usage(string name);

    /// <exception cref="UserError">The target cannot hold this model; says what to use instead.</exception>
    internal virtual void Require(CheckpointSource source)
    {
    }

    /// <summary>Checks how the model is to be written.</summary>
    /// <exception cref="SettingError">The target cannot be written like that.</exception>
    internal void Require(PrecisionPlan plan)
    {
        if (!Precisions.Any(known => known.Name == plan.Main.Name))
        {
            throw new SettingError("precision", $"expected one of {string.Join(", ", Precisions)} for the target {Name}, found '{plan.Main}'.");
        }
        if (!IsForRuntime && plan.Int8KvCache)
        {
            throw new SettingError("kv_cache", $"expected none for the target {Name}, found 'int8': only Factory's own Runtime runs a graph with an int8 cache.");
        }
        if (!IsForRuntime && plan.PrefillCopy)
        {
            throw new SettingError("prefill_copy", $"expected none for the target {Name}: only Factory's own Runtime runs two graphs in turn.");
        }
    }

    /// <summary>Whether Factory's own Runtime is what loads it, which knows more than other software.</summary>
    internal virtual bool IsForRuntime => false;

    /// <summary>Writes everything but model card and manifest.</summary>
    /// <returns>Length and hash of files that were hashed while they were written, by path relative to the directory, with '/'.</returns>
    internal abstract IReadOnlyDictionary<string, ManifestEntry> Write(ExportContext context);

    /// <summary>Facts for the manifest beside those of every target.</summary>
    internal virtual IReadOnlyDictionary<string, string> Facts(ExportContext context) => new Dictionary<string, string>();

    /// <summary>Opens what lies on the disk, to replay the probe and to measure the perplexity.</summary>
    /// <param name="name">What to call it in a message, and beside what helpers stand.</param>
    /// <exception cref="UserError">It cannot be run.</exception>
    internal abstract IProbedModel Open(ExportContext context, string name);
}
