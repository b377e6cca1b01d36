using System.Globalization;
using Factory.Core;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.LibTorch;

/// <summary>Which device a command computes on, and why.</summary>
/// <param name="Device">The device.</param>
/// <param name="Reason">One line for the log.</param>
public sealed record DeviceChoice(Device Device, string Reason)
{
    private const string Cure = "It needs an NVIDIA driver and a libtorch with CUDA: build with -p:Accelerator=cuda, or let FACTORY_LIBTORCH name a PyTorch's torch/lib; "
        + "'Trainer doctor' shows what was found. Or use --device cpu.";

    /// <param name="choice">"auto", "cpu", "cuda" or "cuda:n".</param>
    /// <exception cref="UserError">Not such a choice, or CUDA was asked for and is not there.</exception>
    public static DeviceChoice Parse(string choice)
    {
        switch (choice)
        {
            case "cpu":
                return new DeviceChoice(CPU, "device cpu, as asked for");
            case "auto":
                return cuda.is_available()
                    ? new DeviceChoice(Cuda(0), "device cuda:0, the first usable GPU (--device cpu overrules)")
                    : new DeviceChoice(CPU, "device cpu: this libtorch sees no usable CUDA device");
            case "cuda":
                return Numbered(0);
        }
        return choice.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(choice.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            ? Numbered(index)
            : throw new SettingError("device", $"expected auto, cpu, cuda or cuda:N, found '{choice}'.");
    }

    private static DeviceChoice Numbered(int index)
    {
        if (!cuda.is_available())
        {
            throw new SettingError("device", $"expected a usable CUDA device, found none (libtorch's cuda.is_available() is false). {Cure}");
        }
        int count = cuda.device_count();
        return index < count
            ? new DeviceChoice(Cuda(index), FormattableString.Invariant($"device cuda:{index}, as asked for"))
            : throw new SettingError("device", FormattableString.Invariant($"expected a CUDA device below {count}, found cuda:{index}."));
    }

    private static Device Cuda(int index) => device(DeviceType.CUDA, index);
}
