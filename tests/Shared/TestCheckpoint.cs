using Factory.Core.Architecture;
using Factory.Core.Checkpoints;
using Factory.Core.Configuration;
using Factory.Core.Disk;
using Factory.Core.Safetensors;
using Factory.Core.Text;

namespace Factory.Tests;

/// <summary>A real checkpoint directory of a tiny model, made without training: weights from a function or a golden folder, the probe from <see cref="ReferenceLlama"/>.</summary>
public sealed class TestCheckpoint
{
    private readonly Dictionary<string, float[]> _weights;

    private readonly bool _probe;

    private TestCheckpoint(LlamaArchitecture architecture, Func<ParameterSpec, float[]> weights, bool probe = true)
    {
        _probe = probe;
        Architecture = architecture;
        _weights = architecture.Parameters.ToDictionary(parameter => parameter.Name, weights);
        Reference = new ReferenceLlama(architecture, name => Array.ConvertAll(_weights[name], value => (double)value));
    }

    public LlamaArchitecture Architecture { get; }

    /// <summary>What the weights compute.</summary>
    public ReferenceLlama Reference { get; }

    /// <summary>Random weights that make every part of the model matter; the same for a seed.</summary>
    /// <param name="probe">Whether logits are recorded; a model that looks ahead has none.</param>
    public static TestCheckpoint Random(LlamaArchitecture architecture, int seed = 1, bool probe = true)
    {
        var random = new Random(seed);
        return new TestCheckpoint(architecture, parameter =>
        {
            (double center, double spread) = parameter.Role switch
            {
                ParameterRole.Norm => (1, 0.2),
                ParameterRole.Bias => (0, 0.2),
                ParameterRole.Scale => (0.5, 0.2),
                ParameterRole.Embedding => (0, 1),
                _ => (0, 1 / Math.Sqrt(parameter.Shape[^1])),
            };
            return [.. Enumerable.Range(0, (int)parameter.Count).Select(_ => (float)(center + (spread * Math.Sqrt(3) * ((2 * random.NextDouble()) - 1))))];
        }, probe);
    }

    /// <summary>
    /// A model that knows one text by heart: after each token of <paramref name="script"/> the next one is by far the likeliest. A token may stand
    /// in the script once only.
    /// </summary>
    public static TestCheckpoint Scripted(IReadOnlyList<int> script, int vocabularySize, int maxPositions)
    {
        const int hidden = 64;
        LlamaArchitecture architecture = TestModel.Tiny with { VocabularySize = vocabularySize, HiddenSize = hidden, BlockCount = 1, MaxPositions = maxPositions };
        var random = new Random(1);
        // Every token is a corner of a cube; the head of a token looks for the corner of the one before it. The block adds nothing.
        float[] embedding = [.. Enumerable.Range(0, vocabularySize * hidden).Select(_ => random.Next(2) == 0 ? -1f : 1f)];
        var head = new float[embedding.Length];
        for (int i = 1; i < script.Count; i++)
        {
            embedding.AsSpan(script[i - 1] * hidden, hidden).CopyTo(head.AsSpan(script[i] * hidden));
        }
        return new TestCheckpoint(architecture, parameter => parameter.Role switch
        {
            ParameterRole.Embedding => embedding,
            ParameterRole.Head => head,
            ParameterRole.Norm => [.. Enumerable.Repeat(1f, hidden)],
            _ => new float[parameter.Count],
        });
    }

    /// <summary>The same model with each weight multiplied.</summary>
    /// <param name="factor">By parameter name.</param>
    public TestCheckpoint Scaled(Func<string, float> factor) =>
        new(Architecture, parameter => Array.ConvertAll(_weights[parameter.Name], value => value * factor(parameter.Name)));

    /// <summary>The model of a golden folder: config.json and one or several safetensors files with the catalog's names.</summary>
    public static TestCheckpoint FromFolder(string folder)
    {
        SafetensorsReader[] shards = [.. Directory.EnumerateFiles(folder, "model*.safetensors").Select(SafetensorsReader.Open)];
        try
        {
            return new TestCheckpoint(ConfigJson.Read(folder), parameter => shards.First(shard => shard.Contains(parameter.Name)).ReadSingles(parameter.Name));
        }
        finally
        {
            foreach (SafetensorsReader shard in shards)
            {
                shard.Dispose();
            }
        }
    }

    /// <summary>Writes the checkpoint into the new directory <paramref name="directory"/>.</summary>
    /// <param name="tokenizer">A SentencePiece model to take along.</param>
    /// <returns><paramref name="directory"/>.</returns>
    public string Write(string directory, string? tokenizer = null)
    {
        Directory.CreateDirectory(directory);
        ConfigJson.Write(directory, Architecture);
        if (tokenizer is not null)
        {
            TokenizerFiles.Copy(tokenizer, directory);
        }
        using (var writer = new SafetensorsWriter(Path.Combine(directory, CheckpointFolder.WeightsFile)))
        {
            foreach (ParameterSpec parameter in Architecture.Parameters)
            {
                writer.Declare(parameter.Name, ElementType.Float32, parameter.Shape);
            }
            foreach (ParameterSpec parameter in Architecture.Parameters)
            {
                writer.Write<float>(parameter.Name, _weights[parameter.Name]);
            }
            writer.Finish();
        }
        if (_probe)
        {
            Record().Write(directory);
        }
        Manifest.Write(directory, CheckpointFolder.Kind, new Dictionary<string, string>());
        return directory;
    }

    private Probe Record()
    {
        int[][] ids = Probe.Sequences(Architecture.VocabularySize, Architecture.MaxPositions);
        int[] positions = Probe.KeptPositions(ids[0].Length);
        return new Probe(ids, positions, [.. ids.SelectMany(row =>
        {
            double[][] logits = Reference.Logits(row);
            return positions.SelectMany(position => logits[position]).Select(logit => (float)logit);
        })]);
    }
}
