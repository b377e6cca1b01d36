using System.Runtime.CompilerServices;
using Factory.Trainer.LibTorch;

namespace Factory.Trainer.Tests.LibTorch;

/// <summary>Tests run beside each other, often on busy machines: the same waiting as in the program, before the first of them loads libtorch.</summary>
internal static class BeforeLibTorch
{
    [ModuleInitializer]
    internal static void Initialize() => OpenMPWaiting.Sleep();
}
