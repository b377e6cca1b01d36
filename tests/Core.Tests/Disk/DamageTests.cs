using System.Text;
using CsCheck;
using Factory.Core.Disk;
using Factory.Core.Safetensors;

namespace Factory.Core.Tests.Disk;

/// <summary>Files cut off or with changed bytes: whatever is wrong, the answer is a line for people, never another exception.</summary>
public class DamageTests
{
    private const int Rounds = 1000;

    [Fact]
    public void A_damaged_manifest_is_refused_or_read_as_one()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At("a.txt"), "alpha");
        Manifest.Write(folder.Path, "checkpoint", new Dictionary<string, string> { ["step"] = "7" });
        string path = folder.At(Manifest.FileName);
        Check(File.ReadAllBytes(path), path, () => Manifest.Read(folder.Path, "checkpoint"), () => Manifest.FindKind(folder.Path));
    }

    [Fact]
    public void A_damaged_safetensors_file_is_refused_or_read_within_its_bounds()
    {
        using var folder = new TemporaryFolder();
        using (var writer = new SafetensorsWriter(folder.At("whole.safetensors"), new Dictionary<string, string> { ["format"] = "pt" }))
        {
            writer.Declare("a", ElementType.Float32, [2, 3]);
            writer.Declare("b", ElementType.BFloat16, [4]);
            writer.Declare("c", ElementType.Int64, [1]);
            writer.Write<float>("a", new float[6]);
            writer.Write<ushort>("b", new ushort[4]);
            writer.Write<long>("c", new long[1]);
            writer.Finish();
        }
        string path = folder.At("damaged.safetensors");
        Check(File.ReadAllBytes(folder.At("whole.safetensors")), path, () =>
        {
            using SafetensorsReader reader = SafetensorsReader.Open(path);
            foreach (TensorEntry entry in reader.Entries)
            {
                reader.Read(entry, new byte[entry.Length]);
                if (entry.IsFloating)
                {
                    reader.ReadSingles(entry.Name);
                }
            }
        });
    }

    [Theory]
    [InlineData("null")]
    [InlineData("""{"kind": null, "format_version": 1, "facts": {}, "files": {}}""")]
    [InlineData("""{"kind": "checkpoint", "format_version": 1, "facts": null, "files": {}}""")]
    [InlineData("""{"kind": "checkpoint", "format_version": 1, "facts": {"a": null}, "files": {}}""")]
    [InlineData("""{"kind": "checkpoint", "format_version": 1, "facts": {}, "files": {"a.txt": null}}""")]
    [InlineData("""{"kind": "checkpoint", "format_version": 1, "facts": {}, "files": {"a.txt": {"length": 1, "sha256": null}}}""")]
    [InlineData("""{"kind": "checkpoint", "format_version": 1, "facts": {}, "files": {"a.txt": {"length": 1}}}""")]
    [InlineData("""{"kind": "checkpoint", "format_version": 1, "facts": {}, "files": {"": {"length": 1, "sha256": ""}}}""")]
    [InlineData("""{"kind": "checkpoint", "format_version": 1, "facts": {}, "files": {"a\u0000b": {"length": 1, "sha256": ""}}}""")]
    [InlineData("""{"kind": "checkpoint", "format_version": 1, "facts": {}, "files": {"../a.txt": {"length": 1, "sha256": ""}}}""")]
    [InlineData("""{"kind": "checkpoint", "format_version": 1, "facts": {}, "files": {"/etc/passwd": {"length": 1, "sha256": ""}}}""")]
    [InlineData("""{"kind": "checkpoint", "format_version": 1, "facts": {}, "files": {}, "kind": "checkpoint"}""")]
    [InlineData("[]")]
    [InlineData("")]
    public void A_manifest_with_null_or_nonsense_in_it_is_refused(string json)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At(Manifest.FileName), json);
        string message = Assert.ThrowsAny<UserError>(() => Manifest.Read(folder.Path, "checkpoint")).Message;
        Assert.DoesNotContain('\n', message);
    }

    /// <summary>Some bytes changed, some cut off or put in: <paramref name="read"/> must take it or refuse it.</summary>
    private static void Check(byte[] whole, string path, params Action[] read)
    {
        Gen<byte[]> damaged = Gen.Select(Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte).Array[0, 4], Gen.Int[0, whole.Length], Gen.Byte.Array[0, 3], Gen.Int[0, whole.Length], (changes, cut, insert, at) =>
        {
            byte[] bytes = [.. whole];
            foreach ((int place, byte value) in changes)
            {
                bytes[place] = value;
            }
            bytes = insert.Length > 0 ? [.. bytes[..at], .. insert, .. bytes[at..]] : bytes;
            return cut % 3 == 0 ? bytes[..Math.Min(cut, bytes.Length)] : bytes;
        });
        damaged.Sample(
            bytes =>
            {
                File.WriteAllBytes(path, bytes);
                foreach (Action action in read)
                {
                    try
                    {
                        action();
                    }
                    catch (UserError error)
                    {
                        Assert.DoesNotContain('\n', error.Message);
                    }
                }
            },
            iter: Rounds,
            threads: 1,
            print: bytes => Encoding.Latin1.GetString(bytes));
    }
}
