using Factory.Core.Safetensors;

namespace Factory.Core.Checkpoints;

/// <summary>
/// probe.safetensors: a few fixed token sequences and the logits that the trained model gave for them, in float32. Whoever loads the model
/// later (exporter, server, evaluation) replays them, so that "the served model is the trained model" is checked and not assumed.
/// </summary>
/// <param name="InputIds">Sequences of equal length, shape (sequences, time).</param>
/// <param name="Positions">Positions whose logits are kept, ascending, shape (positions).</param>
/// <param name="Logits">Shape (sequences, positions, vocabulary), row-major.</param>
public sealed record Probe(int[][] InputIds, int[] Positions, float[] Logits)
{
    public const string FileName = "probe.safetensors";

    private const int SequenceCount = 2;
    private const int MaxTime = 128;
    private const int MaxPositions = 12;

    public int Time => InputIds[0].Length;

    /// <summary>The sequences to run: a fixed walk over the vocabulary, as long as the model's context allows up to 128 tokens.</summary>
    public static int[][] Sequences(int vocabularySize, int maxPositions)
    {
        int time = Math.Min(MaxTime, maxPositions);
        // Knuth's multiplicative hash: spread over the vocabulary, the same on every machine.
        return [.. Enumerable.Range(0, SequenceCount).Select(row =>
            Enumerable.Range(0, time).Select(column => (int)((2654435761u * (ulong)((row * time) + column + 1) >> 8) % (ulong)vocabularySize)).ToArray())];
    }

    /// <summary>Which positions to keep: the first, the last, and others evenly between.</summary>
    public static int[] KeptPositions(int time) =>
        [.. Enumerable.Range(0, MaxPositions).Select(i => i * (time - 1) / (MaxPositions - 1)).Distinct()];

    /// <summary>Logits of sequence <paramref name="sequence"/> at kept position number <paramref name="position"/>, shape (vocabulary).</summary>
    public ReadOnlySpan<float> LogitsAt(int sequence, int position)
    {
        int vocabulary = Logits.Length / (InputIds.Length * Positions.Length);
        return Logits.AsSpan(((sequence * Positions.Length) + position) * vocabulary, vocabulary);
    }

    public void Write(string directory)
    {
        using var writer = new SafetensorsWriter(Path.Combine(directory, FileName));
        long vocabulary = Logits.Length / (InputIds.Length * Positions.Length);
        writer.Declare("input_ids", ElementType.Int64, [InputIds.Length, Time]);
        writer.Declare("positions", ElementType.Int64, [Positions.Length]);
        writer.Declare("logits", ElementType.Float32, [InputIds.Length, Positions.Length, vocabulary]);
        writer.Write<long>("input_ids", InputIds.SelectMany(row => row).Select(id => (long)id).ToArray());
        writer.Write<long>("positions", Positions.Select(position => (long)position).ToArray());
        writer.Write<float>("logits", Logits);
        writer.Finish();
    }

    /// <exception cref="UserError">The file is missing or not a probe.</exception>
    public static Probe Read(string directory)
    {
        using SafetensorsReader reader = SafetensorsReader.Open(Path.Combine(directory, FileName));
        IReadOnlyList<long> shape = reader.Entry("input_ids").Shape;
        IReadOnlyList<long> logits = reader.Entry("logits").Shape;
        int[] positions = [.. reader.Read<long>("positions", ElementType.Int64).Select(position => (int)position)];
        if (shape is not [> 0, > 0] || logits.Count != 3 || logits[0] != shape[0] || logits[1] != positions.Length
            || positions.Length == 0 || positions.Any(position => position < 0 || position >= shape[1]))
        {
            throw new UserError($"{reader.Path}: expected input_ids (sequences, time), positions below time and logits (sequences, positions, vocabulary).");
        }
        long[] ids = reader.Read<long>("input_ids", ElementType.Int64);
        int[][] rows = [.. ids.Select(id => (int)id).Chunk((int)shape[1])];
        return new Probe(rows, positions, reader.ReadSingles("logits"));
    }
}
