using Factory.Runtime.Native;
using Microsoft.ML.OnnxRuntime;

namespace Factory.Runtime;

/// <summary>The session options of every model.</summary>
internal static class SessionSettings
{
    /// <summary>
    /// Weights below which an operator does not gain from a second thread, bytes: a step then takes less time than waking one. Work is spread over
    /// whole runs instead, see <see cref="LanguageModel.Workers"/>.
    /// </summary>
    private const long SmallWeights = 4_000_000;

    /// <summary>Threads of one operator.</summary>
    /// <param name="weights">Bytes.</param>
    public static int OperatorThreads(RuntimeOptions options, long weights) => weights < SmallWeights ? 1 : options.AllowedThreads;

    /// <param name="operatorThreads">Threads of one operator; 0 for all that compute.</param>
    public static SessionOptions Create(RuntimeOptions options, int operatorThreads = 0)
    {
        options.Validate();
        OnnxRuntimeLibrary.Prepare();
        var session = new SessionOptions
        {
            IntraOpNumThreads = operatorThreads == 0 ? options.AllowedThreads : operatorThreads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            // What goes wrong comes as an exception; a second telling on stderr would not be one line.
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        // Threads that sleep between operators make one-token decoding 1.3 to 2 times slower; a millisecond of spinning keeps the speed
        // without burning idle cores.
        session.AddSessionConfigEntry("session.intra_op.spin_duration_us", "1000");
        // Weights outside the arena, which grows in powers of two and gives nothing back when a packed copy has replaced them.
        session.AddSessionConfigEntry("session.use_device_allocator_for_initializers", "1");
        return session;
    }

    /// <summary>
    /// Lets weights stay where they are mapped from: what a session makes of them, packed, widened or folded copies, is memory of the process. Slower, so
    /// for a check or a few passes; for the CPU.
    /// </summary>
    /// <param name="precision">As in the manifest.</param>
    public static void LeaveWeightsMapped(SessionOptions session, string precision)
    {
        // MatMulNBits is a hundred times slower on weights that were not packed.
        if (!precision.StartsWith("int4", StringComparison.Ordinal))
        {
            session.AddSessionConfigEntry("session.disable_prepacking", "1");
        }
        // Casts of weights, and a tied head's transpose, are each run's rather than made once and kept. (Half precision ONNX Runtime widens at load all the same.)
        session.AddSessionConfigEntry("optimization.disable_specified_optimizers", "ConstantFolding");
    }
}
