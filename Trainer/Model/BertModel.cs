using Factory.Core.Architecture;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Model;

/// <summary>
/// A <see cref="BertArchitecture"/> in float32 on the CPU: what an import runs its probe through. Rows are whole, without padding. It is not trained.
/// <code>ids, types, positions ─ embeddings ─ + ─ norm ─ block 0 ─ … ─ block L-1 ─ head</code>
/// </summary>
internal sealed class BertModel : IDisposable
{
    private readonly BertArchitecture _model;
    private readonly Dictionary<string, Tensor> _weights = [];
    private readonly List<LlamaBlock> _blocks = [];

    public BertModel(BertArchitecture model)
    {
        _model = model;
        var placement = ModelPlacement.Cpu();
        foreach (BlockPlan plan in model.Blocks)
        {
            var block = new LlamaBlock(plan, model.HiddenSize, rotary: null, placement);
            _blocks.Add(block);
            foreach ((string name, TorchSharp.Modules.Parameter weight) in block.named_parameters())
            {
                _weights.Add($"{plan.Prefix}.{name}", weight);
            }
        }
        foreach (ParameterSpec spec in BertParameters.All(model).Where(spec => spec.Block is null))
        {
            _weights.Add(spec.Name, empty([.. spec.Shape]));
        }
    }

    /// <summary>Every tensor by its name in <see cref="BertParameters"/>; to be filled.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights => _weights;

    /// <param name="ids">int64, (batch, time).</param>
    /// <param name="types">int64, (batch, time).</param>
    /// <returns>(batch, time, 2): logits of an answer's start and end; or (batch, time, vocabulary).</returns>
    public Tensor Run(Tensor ids, Tensor types)
    {
        Tensor sum = Row(BertParameters.Embedding, ids) + Row(BertParameters.TokenTypes, types) + _weights[BertParameters.Positions].narrow(0, 0, ids.shape[1]);
        Tensor stream = Norm(_model.EmbeddingNorm, sum); // (batch, time, hidden)
        foreach (LlamaBlock block in _blocks)
        {
            stream = block.forward(stream);
        }
        return _model.Head switch
        {
            BertHead.QuestionAnswering => Linear(BertParameters.Answers, stream),
            BertHead.MaskedLanguageModel => nn.functional.linear(
                Norm(_model.HeadNorm, nn.functional.gelu(Linear(BertParameters.Transform, stream))),
                _weights[_model.TieEmbeddings ? BertParameters.Embedding : BertParameters.Head], _weights[BertParameters.HeadBias]),
        };

        Tensor Row(string table, Tensor indices) => _weights[table].index_select(0, indices.flatten()).view(indices.shape[0], indices.shape[1], _model.HiddenSize);
        Tensor Linear(string name, Tensor x) => nn.functional.linear(x, _weights[$"{name}.weight"], _weights[$"{name}.bias"]);
        Tensor Norm(NormPlan plan, Tensor x) => nn.functional.layer_norm(x, [plan.Channels], _weights[plan.Gain], _weights[plan.Bias!], plan.Epsilon);
    }

    public void Dispose()
    {
        foreach (Tensor weight in _weights.Values)
        {
            weight.Dispose();
        }
        _blocks.ForEach(block => block.Dispose());
    }
}
