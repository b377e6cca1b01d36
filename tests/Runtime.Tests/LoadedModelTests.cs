using System.Runtime.InteropServices;
using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Bundles;

namespace Factory.Runtime.Tests;

/// <summary>What is loaded is what was hashed, and stays it.</summary>
public sealed partial class LoadedModelTests : IDisposable
{
    private static readonly int[] Ids = [3, 14, 15, 9, 26];

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Weights_overwritten_cut_or_deleted_after_loading_change_nothing()
    {
        string directory = TestBundle.Export(_folder, TestCheckpoint.Random(TestModel.Tiny, seed: 1));
        string other = TestBundle.Export(_folder, TestCheckpoint.Random(TestModel.Tiny, seed: 2));
        using LanguageModel model = LanguageModel.Load(Bundle.Open(directory), new RuntimeOptions { Provider = ProviderChoice.Cpu, Threads = 1 });
        float[] before = model.Logits(Ids);
        foreach (string name in new[] { BundleFolder.WeightsFile, BundleFolder.GraphFile })
        {
            string path = Path.Combine(directory, name);
            using (FileStream file = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            {
                file.Write(File.ReadAllBytes(Path.Combine(other, name)));
                file.Flush(flushToDisk: true);
                Assert.Equal(before, model.Logits(Ids));
                file.SetLength(0);
            }
            Assert.Equal(before, model.Logits(Ids));
            File.Delete(path);
        }
        Assert.Equal(before, model.Logits(Ids));
    }

    [Theory]
    [InlineData(BundleFolder.WeightsFile)]
    [InlineData(BundleFolder.GraphFile)]
    public void A_byte_changed_between_opening_and_loading_is_refused(string name)
    {
        Bundle bundle = Bundle.Open(TestBundle.Export(_folder, TestCheckpoint.Random(TestModel.Tiny)));
        string path = Path.Combine(bundle.Directory, name);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);
        string message = Assert.ThrowsAny<UserError>(() => Load(bundle)).Message;
        Assert.StartsWith($"{path}: expected SHA-256 ", message, StringComparison.Ordinal);
        File.WriteAllBytes(path, bytes[..^1]);
        Assert.StartsWith($"{path}: expected ", Assert.ThrowsAny<UserError>(() => Load(bundle)).Message, StringComparison.Ordinal);
        File.Delete(path);
        Assert.StartsWith($"{path}: expected ", Assert.ThrowsAny<UserError>(() => Load(bundle)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cache_that_no_memory_can_hold_is_a_clear_error_and_the_model_works_on()
    {
        // 2^31 tokens of 64 heads of 256 numbers: as large as a process' whole address space.
        LlamaArchitecture wide = TestModel.Tiny with { HiddenSize = 8, IntermediateSize = 8, BlockCount = 2, Heads = 64, KeyValueHeads = 64, HeadSize = 256, MaxPositions = 16 };
        using LanguageModel model = TestBundle.Load(_folder, wide);
        float[] before = model.Logits(Ids);
        for (int i = 0; i < 3; i++)
        {
            Assert.Contains("of memory for 1 x 2147483647 tokens, found too little", Assert.Throws<InsufficientMemoryError>(() => model.AllocateCache(int.MaxValue)).Message, StringComparison.Ordinal);
        }
        Assert.Equal(before, model.Logits(Ids));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(4097)]
    [InlineData(int.MaxValue)]
    public void Threads_are_bounded_on_both_sides(int threads)
    {
        Bundle bundle = Bundle.Open(TestBundle.Export(_folder, TestCheckpoint.Random(TestModel.Tiny)));
        SettingError error = Assert.Throws<SettingError>(() => LanguageModel.Load(bundle, new RuntimeOptions { Threads = threads }));
        Assert.Equal("threads", error.Setting);
    }

    [Fact]
    public void A_model_that_does_not_fit_the_memory_is_refused_with_both_numbers_while_others_run_on()
    {
        using LanguageModel running = TestBundle.Load(_folder, TestModel.Tiny);
        float[] before = running.Logits(Ids);
        Bundle bundle = Bundle.Open(TestBundle.Export(_folder, TestCheckpoint.Random(TestModel.Tiny)));
        string message = Assert.Throws<InsufficientMemoryError>(() => LanguageModel.Load(bundle, new RuntimeOptions { MemoryLimitBytes = 1_000_000 })).Message;
        Assert.Matches(@"expected 1 MB of free memory to load 1 MB of weights, found 0 MB\. Unload another model", message);
        Assert.Equal(before, running.Logits(Ids));
    }

    [Fact]
    public void Onnx_runtime_reads_in_its_own_environment_that_telemetry_is_off()
    {
        using LanguageModel model = TestBundle.Load(_folder, TestModel.Tiny);
        Assert.Equal("1", OperatingSystem.IsWindows() ? Environment.GetEnvironmentVariable("ORT_DISABLE_TELEMETRY") : Marshal.PtrToStringUTF8(NativeEnvironment("ORT_DISABLE_TELEMETRY")));
    }

    public void Dispose() => _folder.Dispose();

    private static LanguageModel Load(Bundle bundle) => LanguageModel.Load(bundle, new RuntimeOptions { Provider = ProviderChoice.Cpu, Threads = 1 });

    [DllImport("libc", EntryPoint = "getenv", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern nint NativeEnvironment(string name);
}
