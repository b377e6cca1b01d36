using Factory.Core.Architecture;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Factory.Trainer.Model;

/// <summary>Embedding, blocks and the final norm; its parameters carry the prefix "model.".</summary>
internal sealed class LlamaDecoder : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "embed_tokens")]
    private readonly TokenEmbedding _embedding;
    [ComponentName(Name = "embed_norm")]
    private readonly Norm? _embeddingNorm;
    [ComponentName(Name = "layers")]
    private readonly ModuleList<LlamaBlock> _blocks;
    [ComponentName(Name = "norm")]
    private readonly Norm _norm;
    private readonly RotaryEmbedding _rotary;
    private readonly bool _recompute;

    public LlamaDecoder(LlamaArchitecture architecture, ModelPlacement placement) : base(nameof(LlamaDecoder))
    {
        _recompute = placement.Recompute;
        _rotary = new RotaryEmbedding(architecture, placement);
        _embedding = new TokenEmbedding(architecture.VocabularySize, architecture.HiddenSize, placement);
        _embeddingNorm = architecture.EmbeddingNorm is NormPlan plan ? new Norm(plan, placement, placement.Parameters) : null;
        _blocks = new ModuleList<LlamaBlock>([.. architecture.Blocks.Select(block => new LlamaBlock(block, architecture.HiddenSize, _rotary, placement))]);
        _norm = new Norm(architecture.FinalNorm, placement, placement.Compute);
        RegisterComponents();
    }

    /// <summary>Shape (vocabulary, hidden).</summary>
    public Parameter EmbeddingWeight => _embedding.Weight;

    /// <param name="ids">(batch, time)</param>
    /// <returns>(batch, time, hidden)</returns>
    public override Tensor forward(Tensor ids) => forward(ids, null);

    /// <param name="ids">(batch, time)</param>
    /// <param name="afterBlock">Sees the residual stream, (batch, time, hidden), after each block.</param>
    public Tensor forward(Tensor ids, Action<Tensor>? afterBlock)
    {
        Tensor residual = Embed(ids);
        foreach (LlamaBlock block in _blocks)
        {
            residual = _recompute && is_grad_enabled() ? RecomputedBlock.Run(block, residual) : block.forward(residual);
            afterBlock?.Invoke(residual);
        }
        return _norm.forward(residual);
    }

    /// <summary>
    /// Admin's profiling (arXiv 2004.08249, section 4.2): each factor on the residual starts at the root of the summed variances of the embeddings
    /// and of the branches before it, the first at 1 as in the authors' code.
    /// </summary>
    public void Profile(Tensor ids)
    {
        Tensor stream = Embed(ids);
        double total = Statistics.PopulationVariance(stream);
        double factor = 1;
        foreach (Residual branch in _blocks.SelectMany(block => block.Branches))
        {
            (stream, double variance) = branch.Profile(stream, factor);
            total += variance;
            factor = Math.Sqrt(total);
        }
    }

    /// <summary>(batch, time) → (batch, time, hidden)</summary>
    private Tensor Embed(Tensor ids)
    {
        Tensor residual = _embedding.forward(ids);
        return _embeddingNorm?.forward(residual) ?? residual;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _rotary.Dispose();
        }
        base.Dispose(disposing);
    }
}
