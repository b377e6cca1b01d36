using Factory.Core.Safetensors;

namespace Factory.Core.Checkpoints;

/// <summary>probe.safetensors of an encoder: fixed token rows and what the model gave for some of their tokens, in float32. See <see cref="Probe"/>.</summary>
/// <param name="InputIds">Rows of equal length, (rows, time).</param>
/// <param name="TokenTypes">(rows, time).</param>
/// <param name="Positions">Positions whose outputs are kept, ascending.</param>
/// <param name="Outputs">(rows, positions, width), row-major: start and end logits, or logits over the vocabulary.</param>
public sealed record EncoderProbe(int[][] InputIds, int[][] TokenTypes, int[] Positions, float[] Outputs)
{
    private const string Ids = "input_ids";
    private const string Types = "token_type_ids";
    private const string Kept = "positions";
    private const string Found = "outputs";

    /// <summary>Numbers for each kept token.</summary>
    public int Width => Outputs.Length / (InputIds.Length * Positions.Length);

    public void Write(string directory)
    {
        using var writer = new SafetensorsWriter(Path.Combine(directory, Probe.FileName));
        writer.Declare(Ids, ElementType.Int64, [InputIds.Length, InputIds[0].Length]);
        writer.Declare(Types, ElementType.Int64, [InputIds.Length, InputIds[0].Length]);
        writer.Declare(Kept, ElementType.Int64, [Positions.Length]);
        writer.Declare(Found, ElementType.Float32, [InputIds.Length, Positions.Length, Width]);
        writer.Write<long>(Ids, Flat(InputIds));
        writer.Write<long>(Types, Flat(TokenTypes));
        writer.Write<long>(Kept, [.. Positions.Select(position => (long)position)]);
        writer.Write<float>(Found, Outputs);
        writer.Finish();
    }

    /// <exception cref="UserError">The file is missing or not such a probe.</exception>
    public static EncoderProbe Read(string directory)
    {
        using SafetensorsReader reader = SafetensorsReader.Open(Path.Combine(directory, Probe.FileName));
        IReadOnlyList<long> shape = reader.Entry(Ids).Shape;
        IReadOnlyList<long> outputs = reader.Entry(Found).Shape;
        int[] positions = [.. reader.Read<long>(Kept, ElementType.Int64).Select(position => (int)position)];
        if (shape is not [> 0, > 0] || !reader.Entry(Types).Shape.SequenceEqual(shape) || outputs is not [_, _, > 0] || outputs[0] != shape[0] || outputs[1] != positions.Length
            || positions.Length == 0 || positions.Any(position => position < 0 || position >= shape[1]))
        {
            throw new UserError($"{reader.Path}: expected input_ids and token_type_ids (rows, time), positions below time and outputs (rows, positions, width).");
        }
        return new EncoderProbe(Rows(Ids), Rows(Types), positions, reader.ReadSingles(Found));

        int[][] Rows(string name) => [.. reader.Read<long>(name, ElementType.Int64).Select(id => (int)id).Chunk((int)shape[1])];
    }

    private static long[] Flat(int[][] rows) => [.. rows.SelectMany(row => row).Select(id => (long)id)];
}
