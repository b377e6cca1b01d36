using Factory.Core.Architecture;
using Factory.Trainer.Buffers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Factory.Trainer.Model;

/// <summary>
/// The decoder of a <see cref="LlamaArchitecture"/>. Its state dict has exactly the names and shapes of the <see cref="ParameterCatalog"/>.
/// <code>
/// ids ─ embedding ─ block 0 ─ … ─ block L-1 ─ norm ─ head ─ logits
///       └──────────── <see cref="Hidden"/> ─────────────┘
/// </code>
/// </summary>
public sealed class LlamaModel : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "model")]
    private readonly LlamaDecoder _decoder;
    [ComponentName(Name = "lm_head")]
    private readonly Projection? _untiedHead;

    /// <summary>A model whose weights are not set yet: initialise or load them.</summary>
    public LlamaModel(LlamaArchitecture architecture, ModelPlacement placement) : base(nameof(LlamaModel))
    {
        Architecture = architecture;
        Placement = placement;
        _decoder = new LlamaDecoder(architecture, placement);
        _untiedHead = architecture.TieEmbeddings ? null : new Projection(architecture.HiddenSize, architecture.VocabularySize, placement);
        RegisterComponents();
        Weights = named_parameters().ToDictionary(named => named.name, named => named.parameter);
        RequireCatalogNames();
        Buffer = new ParameterBuffer(architecture.Parameters.Select(spec => Weights[spec.Name]), placement.IsFused);
    }

    public LlamaArchitecture Architecture { get; }

    public ModelPlacement Placement { get; }

    /// <summary>Every trainable tensor by its catalog name.</summary>
    public IReadOnlyDictionary<string, Parameter> Weights { get; }

    /// <summary>Where the weights lie, in the catalog's order.</summary>
    public ParameterBuffer Buffer { get; }

    /// <summary>Output head, shape (vocabulary, hidden); the embedding where the two are tied.</summary>
    public Parameter HeadWeight => _untiedHead?.Weight ?? _decoder.EmbeddingWeight;

    /// <param name="ids">Token ids, int64, (batch, time).</param>
    /// <returns>Logits, (batch, time, vocabulary), in the type to compute in.</returns>
    public override Tensor forward(Tensor ids) => Head(Hidden(ids));

    /// <summary>What the head reads: the normed output of the last block.</summary>
    /// <param name="ids">Token ids, int64, (batch, time).</param>
    /// <param name="afterBlock">Sees the residual stream, (batch, time, hidden), after each block; first block first.</param>
    /// <returns>(batch, time, hidden), in the type to compute in.</returns>
    public Tensor Hidden(Tensor ids, Action<Tensor>? afterBlock = null)
    {
        if (ids.dim() != 2 || ids.shape[1] > Architecture.MaxPositions)
        {
            throw new ArgumentException($"Expected ids (batch, time) with time up to {Architecture.MaxPositions}, found [{string.Join(", ", ids.shape)}].", nameof(ids));
        }
        return _decoder.forward(ids, afterBlock);
    }

    /// <param name="hidden">(…, hidden)</param>
    /// <returns>Logits, (…, vocabulary).</returns>
    public Tensor Head(Tensor hidden) => nn.functional.linear(hidden, HeadWeight.to(hidden.dtype));

    /// <summary>Population variance of the residual stream after each block, over batch, time and hidden; first block first.</summary>
    public double[] BlockOutputVariance(Tensor ids)
    {
        using var noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        var variances = new List<Tensor>();
        Hidden(ids, residual => variances.Add(Statistics.PopulationVarianceOf(residual.to(Placement.AccumulateType))));
        return [.. variances.Select(variance => variance.to(ScalarType.Float64).item<double>())];
    }

    /// <summary>
    /// Starts the trained factors on the residual at the running deviation of the stream, for a method that asks for it
    /// (<see cref="NormScheme.ProfilesResiduals"/>); other models stay as they are.
    /// </summary>
    /// <param name="ids">Token ids to measure on, int64, (batch, time).</param>
    public void ProfileResiduals(Tensor ids)
    {
        if (Architecture.NormScheme.ProfilesResiduals)
        {
            using var noGradient = no_grad();
            using DisposeScope scope = NewDisposeScope();
            _decoder.Profile(ids);
        }
    }

    private void RequireCatalogNames()
    {
        ParameterCatalog catalog = Architecture.Parameters;
        foreach (ParameterSpec spec in catalog)
        {
            if (!Weights.TryGetValue(spec.Name, out Parameter? weight) || !weight.shape.SequenceEqual(spec.Shape))
            {
                throw new InvalidOperationException($"The model has no parameter '{spec.Name}' of shape [{string.Join(", ", spec.Shape)}].");
            }
        }
        if (state_dict().Count != catalog.Count)
        {
            throw new InvalidOperationException($"The state dict has {state_dict().Count} tensors, the catalog {catalog.Count}.");
        }
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            Buffer.Dispose();
        }
    }
}
