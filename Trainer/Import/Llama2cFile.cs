using System.Runtime.InteropServices;
using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Disk;

namespace Factory.Trainer.Import;

/// <summary>
/// A llama2.c model of version 0. After the header come float32 tensors, each kind for all blocks together:
/// <code>
/// embedding · attention norms · q · k · v · o · feed-forward norms · gate (w1) · down (w2) · up (w3) · final norm · cos, sin · [head]
/// </code>
/// Its rotary positions turn adjacent pairs of channels; <see cref="Read"/> moves the rows of q and k to the half-split order.
/// </summary>
internal sealed class Llama2cFile : IWeightSource
{
    private readonly FileStream _stream;
    private readonly Dictionary<string, long> _offsets = [];

    private Llama2cFile(FileStream stream)
    {
        _stream = stream;
        Architecture = Llama2cHeader.Read(stream);
        long end = Layout();
        if (end != stream.Length)
        {
            throw new UserError($"{stream.Name}: expected {end} bytes for the sizes in its header, found {stream.Length}. Fetch the file again.");
        }
    }

    public LlamaArchitecture Architecture { get; }

    /// <exception cref="UserError">There is no such file, or it is not a llama2.c model of version 0.</exception>
    public static Llama2cFile Open(string path)
    {
        FileStream stream = InputFile.Open(path, "a llama2.c model");
        try
        {
            return new Llama2cFile(stream);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    public void Read(ParameterSpec parameter, Span<float> destination)
    {
        _stream.Seek(_offsets[parameter.Name], SeekOrigin.Begin);
        _stream.ReadExactly(MemoryMarshal.AsBytes(destination));
        if (parameter.Role is ParameterRole.Query or ParameterRole.Key)
        {
            SplitPairs(destination, Architecture.HeadSize, (int)parameter.Shape[1]);
        }
    }

    public void Dispose() => _stream.Dispose();

    /// <summary>Rows 2j and 2j + 1 of each head become rows j and j + headSize/2.</summary>
    /// <param name="weight">(heads * headSize, columns)</param>
    private static void SplitPairs(Span<float> weight, int headSize, int columns)
    {
        var head = new float[headSize * columns];
        for (int start = 0; start < weight.Length; start += head.Length)
        {
            Span<float> rows = weight.Slice(start, head.Length);
            rows.CopyTo(head);
            for (int row = 0; row < headSize; row++)
            {
                int half = (row / 2) + (row % 2 * (headSize / 2));
                head.AsSpan(row * columns, columns).CopyTo(rows[(half * columns)..]);
            }
        }
    }

    /// <summary>Finds every tensor's place; returns where the file must end.</summary>
    private long Layout()
    {
        ParameterCatalog catalog = Architecture.Parameters;
        long at = Llama2cHeader.Bytes;
        Place(Role(ParameterRole.Embedding));
        Place(Norms(block => block.Attention.Input!.Gain));
        Place(Role(ParameterRole.Query));
        Place(Role(ParameterRole.Key));
        Place(Role(ParameterRole.Value));
        Place(Role(ParameterRole.AttentionOutput));
        Place(Norms(block => block.FeedForward.Input!.Gain));
        Place(Role(ParameterRole.Gate));
        Place(Role(ParameterRole.Down));
        Place(Role(ParameterRole.Up));
        Place(catalog.Where(parameter => parameter.Name == ParameterCatalog.FinalNorm));
        at += (long)Architecture.MaxPositions * Architecture.HeadSize * sizeof(float); // cos and sin, headSize/2 each
        Place(Role(ParameterRole.Head));
        return at;

        void Place(IEnumerable<ParameterSpec> parameters)
        {
            foreach (ParameterSpec parameter in parameters)
            {
                _offsets.Add(parameter.Name, at);
                at += parameter.Count * sizeof(float);
            }
        }

        IEnumerable<ParameterSpec> Role(ParameterRole role) => catalog.Where(parameter => parameter.Role == role);

        IEnumerable<ParameterSpec> Norms(Func<BlockPlan, string> name) =>
            Architecture.Blocks.Select(block => catalog.Single(parameter => parameter.Name == name(block)));
    }
}
