using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Checkpoints;
using Factory.Core.Configuration;
using Factory.Core.Safetensors;

namespace Factory.Trainer.Import;

/// <summary>A Hugging Face folder of a BertForQuestionAnswering or BertForMaskedLM: config.json and safetensors in float32, bfloat16 or float16.</summary>
internal sealed class BertFolder : IDisposable
{
    private readonly ShardedWeights _weights;
    private readonly Dictionary<string, string> _stored = [];

    private BertFolder(BertArchitecture model, ShardedWeights weights)
    {
        Model = model;
        Parameters = BertParameters.All(model);
        _weights = weights;
    }

    public BertArchitecture Model { get; }

    public IReadOnlyList<ParameterSpec> Parameters { get; }

    /// <exception cref="UserError">The folder holds another kind of model, or its files do not fit together.</exception>
    public static BertFolder Open(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new SettingError("input", $"expected a Hugging Face folder with {ConfigJson.FileName} and safetensors, found no directory {folder}.");
        }
        BertArchitecture model = BertConfig.Read(folder);
        var opened = new BertFolder(model, ShardedWeights.Open(folder));
        try
        {
            opened.Check();
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Whole rows of one tensor in float32; a row runs along the last dimension, a vector is one.</summary>
    public void Read(ParameterSpec parameter, int firstRow, Span<float> destination) => _weights.ReadSingles(_stored[parameter.Name], firstRow * parameter.Shape[^1], destination);

    public void Dispose() => _weights.Dispose();

    /// <summary>Requires the table's tensors under the names that a BERT's files have, and no others that are read.</summary>
    private void Check()
    {
        Dictionary<string, string> ours = Parameters.ToDictionary(BertNames.Stored, parameter => parameter.Name);
        foreach (string name in _weights.Names.Where(name => ours.ContainsKey(BertNames.Today(name))))
        {
            _stored[ours[BertNames.Today(name)]] = name;
        }
        // Messages name what stands in the file, or should.
        ParameterSpec[] expected = [.. Parameters.Select(parameter => parameter with { Name = BertNames.Stored(parameter) })];
        CatalogCheck.Require(expected, _weights.Names.Select(name => _weights.Entry(name) with { Name = BertNames.Today(name) }), _weights.Folder, name => BertNames.IsUnread(name) || IsCopy(name));
    }

    /// <summary>Some files hold the tied embedding and the head's bias twice; a copy is left out where it is equal, and refused where it is not.</summary>
    private bool IsCopy(string name) => name switch
    {
        BertNames.TiedHead => Model.Head == BertHead.MaskedLanguageModel && Equal(name, BertParameters.Embedding),
        BertNames.TiedHeadBias => Model.Head == BertHead.MaskedLanguageModel && Equal(name, BertParameters.HeadBias),
        _ => false,
    };

    private bool Equal(string name, string parameter) => _stored.TryGetValue(parameter, out string? stored) && _weights.AreEqual(name, stored);
}
