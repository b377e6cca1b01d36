using Factory.Core.Machine;

namespace Factory.Core.Tests.Machine;

public sealed class CpuFeaturesTests
{
    [Fact]
    public void The_first_processor_of_cpuinfo_is_read()
    {
        CpuFeatures cpu = CpuFeatures.FromCpuInfo(
        [
            "processor\t: 0", "model name\t: Some CPU @ 2.0GHz: fast", "flags\t\t: fpu sse avx2 avx512f avx512_bf16", "",
            "processor\t: 1", "model name\t: Another", "flags\t\t: amx_bf16",
        ]);
        Assert.Equal("Some CPU @ 2.0GHz: fast", cpu.Model);
        Assert.Equal(["avx2", "avx512_bf16", "avx512f"], cpu.Names.Order(StringComparer.Ordinal));
        Assert.True(cpu.HasBFloat16);
    }

    [Fact]
    public void Without_such_a_feature_bfloat16_is_not_in_hardware() =>
        Assert.False(CpuFeatures.FromCpuInfo(["model name : Old", "flags : fpu avx2"]).HasBFloat16);

    [Fact]
    public void This_machine_has_a_finding_for_every_subject() =>
        Assert.Equal(["System", ".NET", "CPU", "CPU features", "Cores", "Memory"], HostFindings.Collect().Take(6).Select(finding => finding.Subject));
}
