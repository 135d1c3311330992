package org.tiexec.tracer.cli;

import java.util.Optional;

/** The options that {@code TIEXEC} may set for {@code tracer attach}. */
final class AttachVocabulary implements SettingsVariable.Vocabulary {
    @Override
    public Optional<OptionText> option(String longName) {
        Optional<AttachOption> option = AttachOption.named(longName);
        return option.isPresent() ? Optional.of(option.get().text()) : Optional.empty();
    }

    @Override
    public boolean isOnlyForCommandLine(String longName) {
        Optional<AttachOption> option = AttachOption.named(longName);
        Optional<RunOption> elsewhere = RunOption.named(longName);
        return (option.isPresent() && option.get().isOnlyForCommandLine())
                || (elsewhere.isPresent() && elsewhere.get().isOnlyForCommandLine());
    }

    @Override
    public boolean isElsewhere(String longName) {
        return RunOption.named(longName).isPresent();
    }

    @Override
    public void check(String argument) throws UsageException {
        AttachArguments.parse(new String[] {argument, "1"});
    }
}
