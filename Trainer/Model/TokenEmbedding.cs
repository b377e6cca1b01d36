using Factory.Trainer.Buffers;
using Factory.Trainer.Kernels;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Factory.Trainer.Model;

/// <summary>A row of the table for each token.</summary>
internal sealed class TokenEmbedding : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;
    private readonly Func<Tensor, Tensor> _lookup;
    private readonly bool _isFused;

    public TokenEmbedding(long vocabulary, long hidden, ModelPlacement placement) : base(nameof(TokenEmbedding))
    {
        _isFused = placement.IsFused;
        _weight = placement.NewParameter(vocabulary, hidden);
        // libtorch's module is how TorchSharp reaches the operator; its own weight is this one, and it must not be registered beside it.
        Embedding module = nn.Embedding(1, 1, device: placement.Device, dtype: placement.Parameters);
        module.weight = _weight;
        _lookup = module.forward;
        RegisterComponents();
    }

    /// <summary>(vocabulary, hidden)</summary>
    public Parameter Weight => _weight;

    /// <param name="ids">int64, (batch, time).</param>
    /// <returns>(batch, time, hidden)</returns>
    public override Tensor forward(Tensor ids) => _isFused && _weight.requires_grad && PackedWeight.Find(_weight) is { Gradient: not null } packed
        ? EmbeddingFunction.Run(_weight, packed, ids)
        : _lookup(ids);
}
