using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Safetensors;

namespace Factory.Trainer.Import;

/// <summary>
/// Weights with a PEFT LoRA adapter merged in: W + scale · B A, the products summed in double precision. Modules that the adapter holds whole
/// (modules_to_save) take the place of the base's.
/// </summary>
internal sealed class AdaptedWeights : IWeightSource
{
    private const string WeightsFile = "adapter_model.safetensors";
    private const string Prefix = "base_model.model.";
    private const string DownSuffix = ".lora_A.weight";
    private const string UpSuffix = ".lora_B.weight";

    private readonly IWeightSource _base;
    private readonly SafetensorsReader _adapter;
    private readonly LoraConfig _config;
    private readonly HashSet<string> _names;

    private AdaptedWeights(IWeightSource source, SafetensorsReader adapter, LoraConfig config)
    {
        _base = source;
        _adapter = adapter;
        _config = config;
        _names = [.. adapter.Entries.Select(entry => entry.Name)];
    }

    public LlamaArchitecture Architecture => _base.Architecture;

    /// <param name="source">The base; disposed with the result, or here when that fails.</param>
    /// <exception cref="UserError">The folder holds another kind of adapter, or one of another model.</exception>
    public static AdaptedWeights Open(IWeightSource source, string folder)
    {
        SafetensorsReader? adapter = null;
        try
        {
            if (!Directory.Exists(folder))
            {
                throw new SettingError("adapter", $"expected a PEFT adapter's folder with {LoraConfig.FileName} and {WeightsFile}, found no directory {folder}.");
            }
            LoraConfig config = LoraConfig.Read(folder);
            adapter = SafetensorsReader.Open(Path.Combine(folder, WeightsFile));
            var adapted = new AdaptedWeights(source, adapter, config);
            adapted.Check();
            return adapted;
        }
        catch
        {
            adapter?.Dispose();
            source.Dispose();
            throw;
        }
    }

    public void Read(ParameterSpec parameter, int firstRow, Span<float> destination)
    {
        if (_names.Contains(Prefix + parameter.Name))
        {
            _adapter.ReadSingles(Prefix + parameter.Name, firstRow * parameter.Shape[^1], destination);
            return;
        }
        _base.Read(parameter, firstRow, destination);
        string module = Module(parameter.Name);
        if (_names.Contains(Prefix + module + DownSuffix))
        {
            AddProduct(module, firstRow, destination);
        }
    }

    public void Dispose()
    {
        _adapter.Dispose();
        _base.Dispose();
    }

    private static string Module(string parameter) => parameter.EndsWith(".weight", StringComparison.Ordinal) ? parameter[..^".weight".Length] : parameter;

    /// <summary>weight += scale · B A, for some rows of it.</summary>
    /// <param name="weight">Rows from <paramref name="firstRow"/> on, (rows, inputs).</param>
    private void AddProduct(string module, int firstRow, Span<float> weight)
    {
        float[] down = _adapter.ReadSingles(Prefix + module + DownSuffix); // (rank, inputs)
        int rank = (int)_adapter.Entry(Prefix + module + DownSuffix).Shape[0];
        int inputs = down.Length / rank;
        var up = new float[weight.Length / inputs * rank];                 // (rows, rank)
        _adapter.ReadSingles(Prefix + module + UpSuffix, (long)firstRow * rank, up);
        double scale = _config.Scale(module, rank);
        var row = new double[inputs];
        for (int output = 0; output < up.Length / rank; output++)
        {
            Array.Clear(row);
            for (int i = 0; i < rank; i++)
            {
                double factor = scale * up[(output * rank) + i];
                ReadOnlySpan<float> source = down.AsSpan(i * inputs, inputs);
                for (int input = 0; input < inputs; input++)
                {
                    row[input] += factor * source[input];
                }
            }
            Span<float> target = weight.Slice(output * inputs, inputs);
            for (int input = 0; input < inputs; input++)
            {
                target[input] = (float)(target[input] + row[input]);
            }
        }
    }

    private void Check()
    {
        if (_adapter.Entries.Count == 0)
        {
            throw new UserError($"{_adapter.Path}: expected an adapter's tensors, found none.");
        }
        Dictionary<string, ParameterSpec> parameters = Architecture.Parameters.ToDictionary(parameter => parameter.Name);
        foreach (TensorEntry entry in _adapter.Entries)
        {
            string name = entry.Name.StartsWith(Prefix, StringComparison.Ordinal) ? entry.Name[Prefix.Length..] : "";
            if (parameters.TryGetValue(name, out ParameterSpec? whole))
            {
                Require(entry, whole.Shape);
                continue;
            }
            bool isDown = name.EndsWith(DownSuffix, StringComparison.Ordinal);
            string module = isDown ? name[..^DownSuffix.Length] : name.EndsWith(UpSuffix, StringComparison.Ordinal) ? name[..^UpSuffix.Length] : "";
            if (!parameters.TryGetValue($"{module}.weight", out ParameterSpec? weight) || weight.Shape.Count != 2 || weight.Role == ParameterRole.Embedding
                || !_names.Contains(Prefix + module + DownSuffix) || !_names.Contains(Prefix + module + UpSuffix))
            {
                throw new UserError($"{_adapter.Path}: expected pairs of {Prefix}MODULE{DownSuffix} and {UpSuffix} for linear maps of the base model, found '{entry.Name}'. Is it an adapter of this model?");
            }
            long rank = _adapter.Entry(Prefix + module + DownSuffix).Shape is [long first, _] && first > 0 ? first : 1;
            if (_config.Rank(module) is double expected && expected != rank)
            {
                throw new UserError(FormattableString.Invariant($"{_adapter.Path}: expected '{entry.Name}' of rank {expected}, as r or rank_pattern of {LoraConfig.FileName} says, found {rank}."));
            }
            Require(entry, isDown ? [rank, weight.Shape[1]] : [weight.Shape[0], rank]);
        }
    }

    private void Require(TensorEntry entry, IReadOnlyList<long> shape)
    {
        if (!entry.Shape.SequenceEqual(shape))
        {
            throw new UserError($"{_adapter.Path}: expected '{entry.Name}' of shape [{string.Join(", ", shape)}], found [{string.Join(", ", entry.Shape)}]. Is it an adapter of this model?");
        }
    }
}
