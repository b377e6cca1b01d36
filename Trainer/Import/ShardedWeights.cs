using Factory.Core;
using Factory.Core.Checkpoints;
using Factory.Core.Safetensors;

namespace Factory.Trainer.Import;

/// <summary>The tensors of a Hugging Face folder, in one file or in shards that an index lists. The index must list exactly what the shards hold.</summary>
internal sealed class ShardedWeights : IDisposable
{
    private readonly List<SafetensorsReader> _readers = [];
    private readonly Dictionary<string, SafetensorsReader> _byTensor = [];

    private ShardedWeights(string folder)
    {
        Folder = folder;
        string single = Path.Combine(folder, CheckpointFolder.WeightsFile);
        string index = Path.Combine(folder, ShardIndex.FileName);
        switch (File.Exists(single), File.Exists(index))
        {
            case (true, false):
                Add(single);
                break;
            case (false, true):
                AddShards(folder, index);
                break;
            // As transformers does it: the one file counts. Shards that are there too leave it open which are out of date.
            case (true, true) when ShardIndex.Read(index).Values.FirstOrDefault(shard => shard != CheckpointFolder.WeightsFile && File.Exists(Path.Combine(folder, shard))) is string shard:
                throw new UserError($"{folder}: expected {CheckpointFolder.WeightsFile} or shards with {ShardIndex.FileName}, found both, {shard} among them. Remove what is out of date.");
            case (true, true):
                Add(single);
                break;
            case (false, false):
                throw new UserError($"{folder}: expected {CheckpointFolder.WeightsFile} or {ShardIndex.FileName}, found neither. Convert other formats to safetensors first.");
        }
    }

    public string Folder { get; }

    public IReadOnlyCollection<string> Names => _byTensor.Keys;

    /// <exception cref="UserError">Files are missing, malformed, or not those that the index lists.</exception>
    public static ShardedWeights Open(string folder) => new(folder);

    public TensorEntry Entry(string name) => _byTensor[name].Entry(name);

    /// <inheritdoc cref="SafetensorsReader.ReadSingles(string, long, Span{float})"/>
    public void ReadSingles(string name, long from, Span<float> destination) => _byTensor[name].ReadSingles(name, from, destination);

    /// <summary>Whether two tensors have one shape and the same numbers.</summary>
    public bool AreEqual(string a, string b)
    {
        const int piece = 1 << 20;
        if (!Entry(a).Shape.SequenceEqual(Entry(b).Shape))
        {
            return false;
        }
        long count = Entry(a).Count;
        float[] left = new float[Math.Min(piece, count)], right = new float[left.Length];
        for (long from = 0; from < count; from += piece)
        {
            int length = (int)Math.Min(piece, count - from);
            ReadSingles(a, from, left.AsSpan(0, length));
            ReadSingles(b, from, right.AsSpan(0, length));
            if (!left.AsSpan(0, length).SequenceEqual(right.AsSpan(0, length)))
            {
                return false;
            }
        }
        return true;
    }

    public void Dispose()
    {
        foreach (SafetensorsReader reader in _readers)
        {
            reader.Dispose();
        }
    }

    private SafetensorsReader Add(string path)
    {
        SafetensorsReader reader = SafetensorsReader.Open(path);
        _readers.Add(reader);
        foreach (TensorEntry entry in reader.Entries)
        {
            if (!_byTensor.TryAdd(entry.Name, reader))
            {
                throw new UserError($"{path}: expected each tensor in one shard, found '{entry.Name}' in {_byTensor[entry.Name].Path} too. Fetch the files again.");
            }
        }
        return reader;
    }

    private void AddShards(string folder, string index)
    {
        IReadOnlyDictionary<string, string> map = ShardIndex.Read(index);
        try
        {
            foreach (IGrouping<string, string> shard in map.GroupBy(item => item.Value, item => item.Key))
            {
                SafetensorsReader reader = Add(Path.Combine(folder, shard.Key));
                HashSet<string> listed = [.. shard];
                if (listed.FirstOrDefault(name => !reader.Contains(name)) is string missing)
                {
                    throw new UserError($"{reader.Path}: expected '{missing}', which {index} says is here, found none of that name. Fetch the files again.");
                }
                if (reader.Entries.FirstOrDefault(entry => !listed.Contains(entry.Name)) is TensorEntry extra)
                {
                    throw new UserError($"{reader.Path}: expected only the tensors that {index} lists for it, found '{extra.Name}'. Fetch the files again.");
                }
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }
}
