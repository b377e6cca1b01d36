using Factory.Core.Architecture;
using Factory.Core.Configuration;
using Factory.Core.Safetensors;
using Factory.Trainer.Tests.Model;

namespace Factory.Trainer.Tests.Import;

/// <summary>A Hugging Face folder with small whole numbers as weights, which every floating type holds exactly.</summary>
internal static class HandMadeFolder
{
    public static string Create(TemporaryFolder folder, bool tied = false)
    {
        string path = Directory.CreateDirectory(folder.At("model")).FullName;
        ConfigJson.Write(path, TestModels.Tiny(tied: tied));
        return path;
    }

    public static ParameterCatalog Catalog(bool tied = false) => TestModels.Tiny(tied: tied).Parameters;

    public static float[] Values(ParameterSpec parameter) =>
        [.. Enumerable.Range(0, (int)parameter.Count).Select(i => (float)(((i * 7) + parameter.Name.Length) % 11) - 5)];

    /// <summary>Writes one safetensors file with the catalog's tensors that <paramref name="take"/> accepts and then <paramref name="more"/>.</summary>
    public static void WriteWeights(string path, IEnumerable<ParameterSpec> take, ElementType type = ElementType.Float32, params (string Name, long[] Shape, float[] Values)[] more)
    {
        using var writer = new SafetensorsWriter(path);
        List<(string Name, IReadOnlyList<long> Shape, float[] Values)> tensors =
            [.. take.Select(parameter => (parameter.Name, parameter.Shape, Values(parameter))), .. more.Select(item => (item.Name, (IReadOnlyList<long>)item.Shape, item.Values))];
        foreach ((string name, IReadOnlyList<long> shape, _) in tensors)
        {
            writer.Declare(name, type, shape);
        }
        foreach ((string name, _, float[] values) in tensors)
        {
            switch (type)
            {
                case ElementType.Float32:
                    writer.Write<float>(name, values);
                    break;
                case ElementType.Float16:
                    writer.Write<Half>(name, values.Select(value => (Half)value).ToArray());
                    break;
                case ElementType.BFloat16:
                    writer.Write<ushort>(name, values.Select(value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)).ToArray());
                    break;
                default:
                    writer.Write<int>(name, values.Select(value => (int)value).ToArray());
                    break;
            }
        }
        writer.Finish();
    }
}
