package example.mall.member;

import java.util.List;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/members")
public class MemberController {

    private final Members members;

    public MemberController(Members members) {
        this.members = members;
    }

    @GetMapping
    public List<Member> list() {
        return members.all();
    }

    @GetMapping("/{id}")
    public ResponseEntity<Member> get(@PathVariable String id) {
        return ResponseEntity.of(members.find(id));
    }

    @PostMapping("/{id}/points")
    public ResponseEntity<Member> credit(@PathVariable String id, @RequestBody Credit credit) {
        return ResponseEntity.of(members.credit(id, credit.order(), credit.points()));
    }

    public record Credit(long order, long points) {
    }
}
